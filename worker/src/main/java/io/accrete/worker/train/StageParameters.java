package io.accrete.worker.train;

import static io.accrete.protocol.train.AddedParameters.isLora;

import io.accrete.protocol.model.PeftAdapter;
import io.accrete.protocol.tensor.DType;
import io.accrete.protocol.tensor.Shape;
import io.accrete.protocol.train.OptimizerSettings;
import io.accrete.protocol.train.ParameterSettings;
import io.accrete.protocol.train.StepVerdict;
import io.accrete.worker.data.DataException;
import io.accrete.worker.nn.FolderWeights;
import io.accrete.worker.nn.Parameter;
import io.accrete.worker.nn.SiteWeights;
import io.accrete.worker.nn.WeightSource;
import io.accrete.worker.tensor.AdamwRates;
import io.accrete.worker.tensor.LlamaArithmetic;
import io.accrete.worker.tensor.Moments;
import io.accrete.worker.tensor.Tensor;
import io.accrete.worker.tensor.TensorScope;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The parameters that a stage uses, and the moments of those that it owns. */
final class StageParameters {
    private final StageSetup setup;
    private final LlamaArithmetic arithmetic;
    private final TensorScope scope;
    private final SortedMap<String, Parameter> byName = new TreeMap<>();
    private final SortedMap<String, Moments> moments = new TreeMap<>();

    /** What an earlier phase has learnt and this one does not go on with. */
    private final SortedMap<String, Tensor> held = new TreeMap<>();

    StageParameters(StageSetup setup, LlamaArithmetic arithmetic, TensorScope scope)
            throws IOException {
        this.setup = setup;
        this.arithmetic = arithmetic;
        this.scope = scope;
        WeightSource own =
                new SiteWeights(
                        new FolderWeights(setup.folder(), arithmetic, scope),
                        setup.surgery(),
                        arithmetic,
                        scope);
        WeightSource source = new AddedWeights(own, setup, arithmetic, scope);
        try (FirstState first = new FirstState(source, setup, arithmetic, scope)) {
            for (String name : setup.map().on(setup.stage())) {
                add(setup.map().settings(name), first);
            }
        }
        if (setup.resume().isEmpty()) {
            DeadBranches.refuse(setup, this, arithmetic);
        }
    }

    private void add(ParameterSettings settings, FirstState state) throws DataException {
        String name = settings.name();
        Optional<Tensor> learnt = state.learnt(name);
        if (!settings.trained()) {
            learnt.filter(_ -> isOwner(name)).ifPresent(value -> held.put(name, value));
            Tensor frozen = learnt.orElseGet(() -> scope.placed(state.value(name)));
            byName.put(name, new Parameter(name, frozen, false));
            return;
        }
        Tensor master = learnt.isPresent() ? learnt.get() : read(name, state);
        byName.put(name, new Parameter(name, master, true));
        if (isOwner(name)) {
            moments.put(
                    name,
                    new Moments(
                            master,
                            state.first(name).orElseGet(() -> zeros(master.shape())),
                            state.second(name).orElseGet(() -> zeros(master.shape())),
                            state.count(name).orElseGet(() -> zeros(Shape.of()))));
        }
    }

    /**
     * What is learnt from.
     *
     * @throws DataException if a number of it is not finite: no loss shows that of a token that no
     *     row has, and it would be in the result
     */
    private Tensor read(String name, FirstState state) throws DataException {
        Tensor value = arithmetic.cast(state.value(name), DType.F32, scope);
        if (!arithmetic.isFinite(value)) {
            // of what is added only an adapter has numbers that anybody may write
            Optional<Path> adapter =
                    setup.adapter().map(PeftAdapter::weights).filter(_ -> isLora(name));
            throw new DataException(
                    "TRN-130",
                    adapter.orElse(setup.folder().path()),
                    0,
                    "`%s`, which is to learn, has numbers that are NaN or infinite".formatted(name),
                    adapter.isPresent()
                            ? "mend that adapter, or leave out `lora.adapter`"
                            : "mend that tensor, or take it from another model; `accrete diff` says"
                                    + " where two models differ",
                    null);
        }
        return value;
    }

    private boolean isOwner(String name) {
        return setup.map().owner(name) == setup.stage();
    }

    private Tensor zeros(Shape shape) {
        return arithmetic.zeros(shape, DType.F32, scope);
    }

    /** The parameter that a tensor of the model is. */
    Parameter of(String tensor) {
        Parameter parameter = byName.get(setup.map().settings(tensor).name());
        if (parameter == null) {
            throw new IllegalArgumentException(
                    "`%s` is not on stage %d".formatted(tensor, setup.stage()));
        }
        return parameter;
    }

    /** A step of AdamW for all that this stage owns; the gradients are used up. */
    void move(NavigableMap<String, Tensor> gradients, StepVerdict.Apply verdict) {
        OptimizerSettings optimizer = setup.optimizer();
        Map<AdamwRates, List<String>> groups = new LinkedHashMap<>();
        for (String name : gradients.keySet()) {
            ParameterSettings settings = setup.map().settings(name);
            AdamwRates rates =
                    new AdamwRates(
                            verdict.learningRate() * settings.rateMultiplier(),
                            optimizer.beta1(),
                            optimizer.beta2(),
                            optimizer.epsilon(),
                            settings.decays() ? optimizer.weightDecay() : 0);
            groups.computeIfAbsent(rates, r -> new ArrayList<>()).add(name);
        }
        groups.forEach(
                (rates, names) ->
                        arithmetic.adamw(
                                names.stream().map(this::momentsOf).toList(),
                                names.stream().map(gradients::get).toList(),
                                verdict.clipFactor(),
                                rates));
        gradients.keySet().forEach(this::clamp);
    }

    private void clamp(String name) {
        setup.map()
                .settings(name)
                .clamp()
                .ifPresent(
                        range ->
                                arithmetic.clamp(
                                        momentsOf(name).parameter(),
                                        range.lowest(),
                                        range.highest()));
    }

    private Moments momentsOf(String name) {
        Moments own = moments.get(name);
        if (own == null) {
            throw new IllegalStateException("`" + name + "` is owned by another stage");
        }
        return own;
    }

    /** Gives new values of tied parameters to the stages that hold copies. */
    void exchangeTied(StageEdges edges) throws IOException, InterruptedException {
        int stages = setup.map().count();
        for (int other = 0; other < stages; other++) {
            for (String name : setup.map().sharedWith(setup.stage(), other)) {
                Tensor value = arithmetic.cast(momentsOf(name).parameter(), DType.F32, scope);
                edges.tied(setup.stage(), other).put(value);
            }
        }
        for (int owner = 0; owner < stages; owner++) {
            for (String name : setup.map().sharedWith(owner, setup.stage())) {
                try (Tensor value = edges.tied(owner, setup.stage()).take(scope)) {
                    arithmetic.copy(value, of(name).value());
                }
            }
        }
    }

    /**
     * @throws DataException if an update has left a number that is not finite: no checkpoint has
     *     one, and so no result
     */
    void requireFinite() throws IOException {
        for (Map.Entry<String, Moments> own : moments.entrySet()) {
            Moments now = own.getValue();
            if (!Stream.of(now.parameter(), now.first(), now.second())
                    .allMatch(arithmetic::isFinite)) {
                throw new DataException(
                        "TRN-126",
                        setup.folder().path(),
                        0,
                        "`%s` or its moments have become NaN or infinite: the steps are too large"
                                .formatted(own.getKey()),
                        "write a lower `optimizer.learning_rate`, and a `clip_norm`; the last"
                                + " checkpoint is sound",
                        null);
            }
        }
    }

    PartFile save(Path folder) {
        Path file = folder.resolve("stage-%05d.safetensors".formatted(setup.stage()));
        return PartFile.of(file, moments, held);
    }
}
