package io.accrete.worker.train;

import io.accrete.protocol.model.LlamaConfig;
import io.accrete.protocol.tensor.DType;
import io.accrete.protocol.tensor.Shape;
import io.accrete.protocol.train.AddedParameters;
import io.accrete.protocol.train.MicroLoss;
import io.accrete.protocol.train.SiteRange;
import io.accrete.protocol.train.StageAction;
import io.accrete.protocol.train.StageLoad;
import io.accrete.protocol.train.StepVerdict;
import io.accrete.worker.nn.GradientSums;
import io.accrete.worker.nn.LayerSlice;
import io.accrete.worker.nn.Parameter;
import io.accrete.worker.nn.SliceParameters;
import io.accrete.worker.tensor.LlamaArithmetic;
import io.accrete.worker.tensor.Tensor;
import io.accrete.worker.tensor.TensorScope;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * One stage of a pipeline: slices of a model's layers, their parameters, and what it does in a
 * step. Confined to the thread that made it; it waits for its neighbours at its {@link StageEdges}.
 */
public final class Stage implements AutoCloseable {
    private final StageSetup setup;
    private final StageEdges edges;
    private final LlamaArithmetic arithmetic;
    private final TensorScope scope;
    private final StageParameters parameters;
    private final Optional<StageTeacher> teacher;
    private final List<String> gates;
    private final List<LayerSlice> slices = new ArrayList<>();
    private @Nullable TensorScope stepScope;
    private StageClock clock = new StageClock();
    private NavigableMap<String, Tensor> gradients = new TreeMap<>();

    /**
     * Reads its weights, or what it goes on from.
     *
     * @throws IOException if that cannot be read
     */
    public Stage(StageSetup setup, StageEdges edges) throws IOException {
        this.setup = setup;
        this.edges = edges;
        this.arithmetic = LlamaArithmetic.onThisThread(setup.threads());
        this.scope = TensorScope.open(setup.device());
        this.parameters = new StageParameters(setup, arithmetic, scope);
        this.gates =
                setup.map().on(setup.stage()).stream().filter(AddedParameters::isGate).toList();
        this.teacher =
                setup.teacher()
                        .map(of -> new StageTeacher(setup, of, parameters, arithmetic, scope));
        for (SiteRange slice : setup.map().slices(setup.stage())) {
            slices.add(
                    new LayerSlice(
                            setup.config(),
                            parameters(slice),
                            arithmetic,
                            setup.keep(),
                            DType.F32,
                            scope));
        }
    }

    private SliceParameters parameters(SiteRange slice) {
        LlamaConfig config = setup.config();
        boolean first = slice.first() == 0;
        boolean last = slice.end() == config.layers();
        return new SliceParameters(
                first ? Optional.of(parameters.of(LlamaConfig.EMBEDDING)) : Optional.empty(),
                IntStream.range(slice.first(), slice.end()).mapToObj(this::site).toList(),
                last
                        ? Optional.of(
                                new SliceParameters.Head(
                                        parameters.of(LlamaConfig.FINAL_NORM),
                                        parameters.of(setup.map().head())))
                        : Optional.empty(),
                setup.map().learnsBelow(slice.first()) && !first);
    }

    private SliceParameters.Site site(int site) {
        List<Parameter> own = setup.map().tensors(site).stream().map(parameters::of).toList();
        return new SliceParameters.Site(
                site, setup.map().form(site), own, setup.map().learnsBelow(site));
    }

    /**
     * All passes of a step.
     *
     * @param targets number of scored targets of the whole step
     * @throws IOException if an edge broke
     * @throws InterruptedException if the step is given up
     */
    public StageReport run(List<MicroBatch> microBatches, long targets)
            throws IOException, InterruptedException {
        TensorScope step = scope.child();
        stepScope = step;
        clock = new StageClock();
        GradientSums sums = new GradientSums(arithmetic, step);
        MicroLoss[] losses = new MicroLoss[microBatches.size()];
        double hiddenWeight = setup.teacher().map(TeacherSetup::hiddenWeight).orElse(0.0);
        MatchedStates matched = new MatchedStates(hiddenWeight, targets);
        for (int i = 0; i < setup.actions().size(); i++) {
            StageAction action = setup.actions().get(i);
            MicroBatch microBatch = microBatches.get(action.microBatch());
            clock.beginPass();
            switch (action.pass()) {
                case FORWARD -> {
                    forward(action, microBatch, turnsAfter(i), step);
                    if (teacher.isPresent()) {
                        teach(teacher.get(), action, microBatch, matched, step);
                    }
                }
                case BACKWARD ->
                        backward(action, microBatch, targets, sums, step)
                                .ifPresent(own -> losses[action.microBatch()] = loss(own));
            }
            clock.endPass(action.pass());
        }
        StageLoad load = clock.load();
        gradients = new TiedSums(setup, edges, arithmetic, step).combined(sums);
        List<String> names = List.copyOf(gradients.keySet());
        double[] squares = arithmetic.squares(List.copyOf(gradients.values()));
        SortedMap<String, Double> byName = new TreeMap<>();
        for (int i = 0; i < squares.length; i++) {
            byName.put(names.get(i), squares[i]);
        }
        return new StageReport(
                isLast(lastSlice()) ? List.of(losses) : List.of(),
                matched.bySite(),
                byName,
                gateMeans(),
                load);
    }

    private SortedMap<String, Double> gateMeans() {
        SortedMap<String, Double> means = new TreeMap<>();
        for (String name : gates) {
            means.put(name, TrainedGates.mean(parameters.of(name).value()));
        }
        return means;
    }

    /** Whether a forward pass is followed by the backward pass of the same. */
    private boolean turnsAfter(int place) {
        StageAction action = setup.actions().get(place);
        StageAction back =
                new StageAction(StageAction.Pass.BACKWARD, action.microBatch(), action.slice());
        return place + 1 < setup.actions().size() && setup.actions().get(place + 1).equals(back);
    }

    private MicroLoss loss(LayerSlice.Loss sums) {
        double weight = setup.teacher().map(TeacherSetup::weight).orElse(0.0);
        double temperature = setup.teacher().map(TeacherSetup::temperature).orElse(1.0);
        double taught = weight * temperature * temperature * sums.kl();
        return new MicroLoss((1 - weight) * sums.nll() + taught, sums.nll(), sums.kl(), 0);
    }

    /** Moves the weights as the verdict says, or drops the gradients. */
    public void apply(StepVerdict verdict) throws IOException, InterruptedException {
        if (verdict instanceof StepVerdict.Apply move) {
            parameters.move(gradients, move);
            parameters.exchangeTied(edges);
        }
        gradients = new TreeMap<>();
        if (stepScope != null) {
            stepScope.close();
            stepScope = null;
        }
    }

    /**
     * Forward passes alone.
     *
     * @return the sum of the NLL of each micro-batch, in nats; nothing from stages without the head
     */
    public List<Double> score(List<MicroBatch> microBatches)
            throws IOException, InterruptedException {
        List<Double> sums = new ArrayList<>();
        for (MicroBatch microBatch : microBatches) {
            try (TensorScope own = scope.child()) {
                Optional<Tensor> states = look(microBatch, own);
                if (states.isPresent()) {
                    Tensor targets = own.longs(microBatch.targets(), shape(microBatch));
                    sums.add(slices.getLast().nllSum(states.get(), targets, own));
                }
            }
        }
        return sums;
    }

    /**
     * Goes on from beginnings, the likeliest id each time. All stages do so together; the id that
     * the last one chooses goes back from stage to stage.
     *
     * @return what is added to each
     */
    public List<long[]> continued(List<long[]> prompts, int newIds)
            throws IOException, InterruptedException {
        List<long[]> added = new ArrayList<>();
        for (long[] prompt : prompts) {
            long[] ids = prompt;
            for (int i = 0; i < newIds; i++) {
                long next = next(ids);
                ids = Arrays.copyOf(ids, ids.length + 1);
                ids[ids.length - 1] = next;
            }
            added.add(Arrays.copyOfRange(ids, prompt.length, ids.length));
        }
        return added;
    }

    private long next(long[] ids) throws IOException, InterruptedException {
        try (TensorScope own = scope.child()) {
            Optional<Tensor> states = look(new MicroBatch(1, ids.length, ids, new long[0], 0), own);
            Tensor chosen;
            if (states.isPresent()) {
                // no vocabulary has ids that are no float
                float likeliest = slices.getLast().likeliest(states.get(), own);
                chosen = own.floats(new float[] {likeliest}, Shape.of(1));
            } else {
                chosen = take(edges.backwardInto(setup.stage()), own);
            }
            if (setup.stage() > 0) {
                put(edges.backwardFrom(setup.stage()), chosen);
            }
            return (long) chosen.floats()[0];
        }
    }

    /** A forward pass alone; the states after the last layer, where this stage has it. */
    private Optional<Tensor> look(MicroBatch microBatch, TensorScope own)
            throws IOException, InterruptedException {
        Optional<Tensor> last = Optional.empty();
        for (int slice = 0; slice < slices.size(); slice++) {
            Tensor states = slices.get(slice).look(input(slice, microBatch, own), own);
            if (isLast(slice)) {
                last = Optional.of(states);
            } else {
                put(edges.forwardFrom(setup.stage()), states);
            }
        }
        return last;
    }

    /** What can be saved, and so what can be a result, is finite. */
    void requireFinite() throws IOException {
        parameters.requireFinite();
    }

    /**
     * All that it owns: trained weights, moments, step counts; not to be changed before written.
     */
    PartFile save(Path folder) {
        return parameters.save(folder);
    }

    /** Shows every tensor of the stage's sites as a plain model has it. */
    public void export(TensorSink sink) throws IOException {
        new StageExport(setup, parameters, arithmetic, scope, sink).model();
    }

    /** Shows the low-rank matrices of the stage's sites. */
    public void exportAdapter(TensorSink sink) throws IOException {
        new StageExport(setup, parameters, arithmetic, scope, sink).adapter();
    }

    /** Takes the values of one tensor after the other. */
    public interface TensorSink {
        void tensor(String name, Tensor value, LlamaArithmetic arithmetic, TensorScope scope)
                throws IOException;
    }

    private void forward(StageAction action, MicroBatch microBatch, boolean turns, TensorScope step)
            throws IOException, InterruptedException {
        Tensor input = input(action.slice(), microBatch, step);
        Tensor output = slices.get(action.slice()).forward(action.microBatch(), input, turns);
        if (!isLast(action.slice())) {
            put(edges.forwardFrom(setup.stage()), output);
        }
    }

    private void teach(
            StageTeacher from,
            StageAction action,
            MicroBatch microBatch,
            MatchedStates matched,
            TensorScope step)
            throws IOException, InterruptedException {
        int slice = action.slice();
        int number = action.microBatch();
        try (TensorScope own = step.child()) {
            Tensor input = input(slice, microBatch, own);
            Tensor scored = own.longs(microBatch.targets(), shape(microBatch));
            LayerSlice model = slices.get(slice);
            Tensor last =
                    from.pass(
                            slice,
                            input,
                            (site, states) -> matched.match(model, number, site, states, scored),
                            own);
            if (isLast(slice)) {
                from.keep(number, last, step);
            } else {
                put(edges.forwardFrom(setup.stage()), last);
            }
        }
    }

    private Tensor input(int slice, MicroBatch microBatch, TensorScope own)
            throws IOException, InterruptedException {
        return setup.stage() == 0 && slice == 0
                ? own.longs(microBatch.ids(), shape(microBatch))
                : take(edges.forwardInto(setup.stage()), own);
    }

    private Optional<LayerSlice.Loss> backward(
            StageAction action,
            MicroBatch microBatch,
            long targets,
            GradientSums sums,
            TensorScope step)
            throws IOException, InterruptedException {
        LayerSlice slice = slices.get(action.slice());
        LayerSlice.Passed passed;
        try (TensorScope own = step.child()) {
            if (isLast(action.slice())) {
                Tensor ids = own.longs(microBatch.targets(), shape(microBatch));
                // A step without a target has a gradient of zero; the driver skips it.
                LayerSlice.Targets all =
                        new LayerSlice.Targets(
                                ids,
                                Math.max(1, targets),
                                teacher.map(of -> of.teaching(action.microBatch(), own)));
                passed = slice.backward(action.microBatch(), all, sums, own);
            } else {
                Tensor gradient = take(edges.backwardInto(setup.stage()), own);
                passed = slice.backward(action.microBatch(), gradient, sums, own);
            }
            if (!isFirst(action.slice())) {
                // What nothing below learns from still keeps the order of messages.
                Tensor back =
                        passed.input().isPresent()
                                ? passed.input().get()
                                : arithmetic.zeros(Shape.of(0), DType.F32, own);
                put(edges.backwardFrom(setup.stage()), back);
            }
        }
        return passed.loss();
    }

    private Tensor take(TensorEdge edge, TensorScope own) throws IOException, InterruptedException {
        clock.beginWait();
        Tensor taken = edge.take(own);
        clock.endWait();
        return taken;
    }

    private void put(TensorEdge edge, Tensor tensor) throws IOException, InterruptedException {
        Tensor alias = arithmetic.alias(tensor, scope);
        clock.beginWait();
        edge.put(alias);
        clock.endWait();
    }

    private boolean isFirst(int slice) {
        return setup.stage() == 0 && slice == 0;
    }

    private boolean isLast(int slice) {
        return setup.stage() == setup.map().count() - 1 && slice == lastSlice();
    }

    private int lastSlice() {
        return slices.size() - 1;
    }

    private static Shape shape(MicroBatch microBatch) {
        return Shape.of(microBatch.rows(), microBatch.positions());
    }

    @Override
    public void close() {
        scope.close();
    }
}
