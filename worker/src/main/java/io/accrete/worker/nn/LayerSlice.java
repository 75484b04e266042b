package io.accrete.worker.nn;

import io.accrete.protocol.model.LlamaConfig;
import io.accrete.protocol.tensor.DType;
import io.accrete.worker.tensor.LlamaArithmetic;
import io.accrete.worker.tensor.LlamaArithmetic.Gradients;
import io.accrete.worker.tensor.LlamaArithmetic.KeptLayer;
import io.accrete.worker.tensor.LlamaArithmetic.Layer;
import io.accrete.worker.tensor.LlamaArithmetic.LayerInputs;
import io.accrete.worker.tensor.LlamaArithmetic.Score;
import io.accrete.worker.tensor.LlamaArithmetic.ScoreInputs;
import io.accrete.worker.tensor.LlamaArithmetic.Teaching;
import io.accrete.worker.tensor.StateMatch;
import io.accrete.worker.tensor.Tensor;
import io.accrete.worker.tensor.TensorScope;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * A contiguous slice of a model's layers, perhaps with embedding or head, that micro-batches go
 * forward and backward through. What it computes does not depend on where a model is cut.
 */
public final class LayerSlice {
    private final LlamaConfig config;
    private final LlamaArithmetic arithmetic;
    private final RopeCache rope;
    private final SliceParameters parameters;
    private final boolean keep;
    private final DType compute;
    private final TensorScope scope;
    private final Map<Integer, InFlight> inFlight = new HashMap<>();

    /**
     * @param keep whether the activations of a forward pass are kept, or computed again
     * @param compute type of the activations
     * @param scope as long as the slice
     */
    public LayerSlice(
            LlamaConfig config,
            SliceParameters parameters,
            LlamaArithmetic arithmetic,
            boolean keep,
            DType compute,
            TensorScope scope) {
        this.config = config;
        this.parameters = parameters;
        this.arithmetic = arithmetic;
        this.rope = new RopeCache(config, arithmetic, scope);
        this.keep = keep;
        this.compute = compute;
        this.scope = scope;
    }

    /**
     * A micro-batch between its forward and its backward pass.
     *
     * @param pulls gradients by the states after layers, beside what comes from above
     */
    private record InFlight(
            TensorScope scope,
            Tensor input,
            List<Held> layers,
            Tensor output,
            Map<Integer, Tensor> pulls) {

        /** The states after a layer that has a backward pass. */
        Tensor after(int layer) {
            if (layer == layers.size() - 1) {
                return output;
            }
            return switch (layers.get(layer + 1)) {
                case Held.Input(Tensor x) -> x;
                case Held.Kept(Tensor x, KeptLayer _) -> x;
                case Held.Passed() ->
                        throw new IllegalStateException("no states are held after " + layer);
            };
        }
    }

    /** What is held of a layer for its backward pass. */
    private sealed interface Held {
        /** Nothing: no gradient goes that far down. */
        record Passed() implements Held {
            @Override
            public void free() {}
        }

        record Input(Tensor x) implements Held {
            @Override
            public void free() {
                x.close();
            }
        }

        record Kept(Tensor x, KeptLayer layer) implements Held {
            @Override
            public void free() {
                // `x` is the output of the layer before, whose backward pass needs it
                layer.close();
            }
        }

        /**
         * Once the backward pass is through the layer; one of many layers must not wait for all.
         */
        void free();
    }

    /**
     * The targets of a micro-batch.
     *
     * @param ids I64 [rows, positions]
     * @param divisor number of scored targets of the whole step
     * @param teaching what the scores are to be like as well
     */
    public record Targets(Tensor ids, double divisor, Optional<Teaching> teaching) {}

    /**
     * What comes out of a backward pass.
     *
     * @param input gradient by the slice's input, if anything below it learns
     * @param loss of the micro-batch, if the slice has the head
     */
    public record Passed(Optional<Tensor> input, Optional<Loss> loss) {}

    /**
     * Sums in nats over the scored targets of a micro-batch.
     *
     * @param kl divergence from a teacher at its temperature; 0 without one
     */
    public record Loss(double nll, double kl) {}

    /**
     * @param microBatch number within the step
     * @param input ids if the slice has the embedding, else the states of the slice before
     * @param turns whether its backward pass is next: then computing the last layer again would
     *     save no memory
     * @return states after the slice's last layer; they live until the backward pass
     */
    public Tensor forward(int microBatch, Tensor input, boolean turns) {
        TensorScope own = scope.child();
        own.keep(input);
        Tensor x =
                parameters
                        .embedding()
                        .map(table -> arithmetic.embed(table.value(), input, compute, own))
                        .orElse(input);
        List<Held> held = new ArrayList<>();
        for (SliceParameters.Site site : parameters.sites()) {
            Tensor before = x;
            if (!site.takesPart()) {
                x = arithmetic.layer(x, layer(site, x), own);
                held.add(new Held.Passed());
                if (before != input) {
                    before.close();
                }
            } else if (keep || turns && held.size() == parameters.sites().size() - 1) {
                KeptLayer kept = arithmetic.layerKeep(x, layer(site, x), wanted(site), own);
                held.add(new Held.Kept(x, kept));
                x = kept.output();
            } else {
                held.add(new Held.Input(x));
                x = arithmetic.layer(x, layer(site, x), own);
            }
        }
        InFlight flight = new InFlight(own, input, held, x, new HashMap<>());
        if (inFlight.put(microBatch, flight) != null) {
            throw new IllegalStateException("micro-batch " + microBatch + " is in flight already");
        }
        return x;
    }

    /**
     * Pulls the states after a site towards others: the backward pass that follows also takes the
     * gradient of {@code factor} times their relative squared distance.
     *
     * @param site number in the model; its backward pass has something to compute
     * @param towards of the shape of the states
     * @param targets I64 [rows, positions]; positions without one do not count
     * @return the distance, summed over positions
     */
    public double pull(int microBatch, int site, Tensor towards, Tensor targets, double factor) {
        InFlight flight = inFlight.get(microBatch);
        if (flight == null) {
            throw new IllegalStateException("micro-batch " + microBatch + " is not in flight");
        }
        int layer = site - parameters.sites().getFirst().site();
        Tensor own = flight.after(layer);
        StateMatch match = StateMatch.of(arithmetic, own, towards, targets, factor, flight.scope());
        flight.pulls().put(layer, match.gradient());
        return match.sum();
    }

    /**
     * The backward pass of the slice that has the head.
     *
     * @param sums what the gradients are added to
     * @param result where the gradient by the input lives
     */
    public Passed backward(int microBatch, Targets targets, GradientSums sums, TensorScope result) {
        SliceParameters.Head head = parameters.head().orElseThrow();
        InFlight flight = take(microBatch);
        try (TensorScope own = flight.scope()) {
            boolean below = parameters.learnsUnderHead();
            Score score =
                    arithmetic.scoreVjp(
                            flight.output(),
                            head.norm().value(),
                            head.matrix().value(),
                            config.epsilon(),
                            targets.ids(),
                            targets.divisor(),
                            new ScoreInputs(below, head.norm().learns(), head.matrix().learns()),
                            targets.teaching(),
                            own);
            score.norm().ifPresent(g -> sums.add(List.of(head.normUse()), List.of(g)));
            score.head().ifPresent(g -> sums.add(List.of(head.matrixUse()), List.of(g)));
            Optional<Tensor> input =
                    score.input().flatMap(g -> backward(flight, g, sums, own)).map(result::keep);
            return new Passed(input, Optional.of(new Loss(score.nllSum(), score.klSum())));
        }
    }

    /**
     * The backward pass of any other slice.
     *
     * @param gradient by the slice's output
     */
    public Passed backward(int microBatch, Tensor gradient, GradientSums sums, TensorScope result) {
        InFlight flight = take(microBatch);
        try (TensorScope own = flight.scope()) {
            Optional<Tensor> input = backward(flight, gradient, sums, own).map(result::keep);
            return new Passed(input, Optional.empty());
        }
    }

    /**
     * A forward pass that no backward pass follows.
     *
     * @param input as of {@link #forward}
     */
    public Tensor look(Tensor input, TensorScope own) {
        return look(input, own, (_, _) -> {});
    }

    /**
     * The same.
     *
     * @param seen is shown the states after each site, which end with the call
     */
    public Tensor look(Tensor input, TensorScope own, BiConsumer<Integer, Tensor> seen) {
        Tensor x =
                parameters
                        .embedding()
                        .map(table -> arithmetic.embed(table.value(), input, compute, own))
                        .orElse(input);
        for (SliceParameters.Site site : parameters.sites()) {
            Tensor y = arithmetic.layer(x, layer(site, x), own);
            x.close();
            x = y;
            seen.accept(site.site(), x);
        }
        return x;
    }

    /** Of all scored positions, in nats; for the slice that has the head. */
    public double nllSum(Tensor states, Tensor targets, TensorScope own) {
        SliceParameters.Head head = parameters.head().orElseThrow();
        Tensor nll =
                arithmetic.score(
                        states,
                        head.norm().value(),
                        head.matrix().value(),
                        config.epsilon(),
                        targets,
                        own);
        double sum = 0;
        for (float each : nll.floats()) {
            sum += each;
        }
        return sum;
    }

    /** The id of the largest score at the last position of one row; for the slice with the head. */
    public int likeliest(Tensor states, TensorScope own) {
        SliceParameters.Head head = parameters.head().orElseThrow();
        Tensor last = arithmetic.last(states, own);
        Tensor normed = arithmetic.finalNorm(last, head.norm().value(), config.epsilon(), own);
        float[] scores = arithmetic.logits(normed, head.matrix().value(), own).floats();
        int likeliest = 0;
        for (int id = 1; id < scores.length; id++) {
            if (scores[id] > scores[likeliest]) {
                likeliest = id;
            }
        }
        return likeliest;
    }

    private Optional<Tensor> backward(
            InFlight flight, Tensor gradient, GradientSums sums, TensorScope own) {
        Tensor g = gradient;
        for (int i = parameters.sites().size() - 1; i >= 0; i--) {
            SliceParameters.Site site = parameters.sites().get(i);
            Tensor pull = flight.pulls().get(i);
            if (pull != null) {
                arithmetic.addTo(List.of(pull), List.of(g));
                if (g != gradient) {
                    g.close();
                }
                g = pull;
            }
            Held held = flight.layers().get(i);
            Gradients found =
                    switch (held) {
                        case Held.Passed() -> new Gradients(Optional.empty(), List.of());
                        case Held.Kept(Tensor _, KeptLayer kept) ->
                                arithmetic.keptVjp(kept, layer(site, g), wanted(site), g, own);
                        case Held.Input(Tensor x) ->
                                arithmetic.layerVjp(x, layer(site, x), wanted(site), g, own);
                    };
            held.free();
            sums.add(site.learningUses(), found.weights());
            if (found.input().isEmpty()) {
                return Optional.empty();
            }
            if (g != gradient) {
                g.close();
            }
            g = found.input().get();
        }
        if (parameters.embedding().isPresent()) {
            Tensor table = arithmetic.embedVjp(flight.input(), config.vocabulary(), g, own);
            Parameter embedding = parameters.embedding().get();
            sums.add(List.of(new Use(embedding.name(), Use.EMBEDDING)), List.of(table));
            return Optional.empty();
        }
        return Optional.of(g);
    }

    private Layer layer(SliceParameters.Site site, Tensor states) {
        int positions = Math.toIntExact(states.shape().extents().get(1));
        return new Layer(site.values(), site.form(), rope.of(positions));
    }

    private static LayerInputs wanted(SliceParameters.Site site) {
        return new LayerInputs(site.learning(), site.learnsBelow());
    }

    private InFlight take(int microBatch) {
        InFlight flight = inFlight.remove(microBatch);
        if (flight == null) {
            throw new IllegalStateException("micro-batch " + microBatch + " is not in flight");
        }
        return flight;
    }
}
