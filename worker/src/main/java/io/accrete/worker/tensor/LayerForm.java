package io.accrete.worker.tensor;

import io.accrete.protocol.model.Activation;
import io.accrete.protocol.model.LlamaConfig;
import io.accrete.protocol.model.Projection;

import java.util.List;
import java.util.function.ToLongFunction;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * What a layer's arithmetic needs to know beside its weights.
 *
 * @param heads of the queries
 * @param kvHeads of keys and values; a divisor of {@code heads}
 * @param headDim numbers per head
 * @param epsilon added to mean squares before the root
 * @param biases which projections have one; their biases follow the nine weights in this order
 * @param gated whether two gates follow the biases: of attention, then of the MLP
 * @param lora which projections have low-rank matrices; they come last, A then B of each
 * @param loraScale of the low-rank products
 */
public record LayerForm(
        int heads,
        int kvHeads,
        int headDim,
        Activation activation,
        double epsilon,
        List<Projection> biases,
        boolean gated,
        List<Projection> lora,
        double loraScale) {

    /** Weights of a layer that are not biases. */
    public static final int WEIGHTS = 9;

    private static final int GATES = 2;

    public LayerForm {
        biases = List.copyOf(biases);
        lora = List.copyOf(lora);
    }

    /** The form of a model's layers, with nothing added. */
    public static LayerForm of(LlamaConfig config) {
        return new LayerForm(
                config.heads(),
                config.kvHeads(),
                config.headDim(),
                config.activation(),
                config.epsilon(),
                config.biases(),
                false,
                List.of(),
                0);
    }

    /** The same layer with what is added to it for a training. */
    public LayerForm with(boolean gates, List<Projection> lowRank, double scale) {
        return new LayerForm(
                heads, kvHeads, headDim, activation, epsilon, biases, gates, lowRank, scale);
    }

    /** As the script takes it. */
    long[] numbers() {
        LongStream head = LongStream.of(heads, kvHeads, headDim, number(activation));
        int gates = WEIGHTS + biases.size();
        LongStream branches = gated ? LongStream.of(gates, gates + 1L) : LongStream.of(-1, -1);
        return Stream.of(head, places(this::bias), branches, places(this::lowRank))
                .flatMapToLong(numbers -> numbers)
                .toArray();
    }

    private static LongStream places(ToLongFunction<Projection> place) {
        return Stream.of(Projection.values()).mapToLong(place);
    }

    /** The place of a projection's bias in the list of weights; -1 if it has none. */
    private long bias(Projection projection) {
        int bias = biases.indexOf(projection);
        return bias < 0 ? -1 : WEIGHTS + bias;
    }

    /** The place of a projection's A, after which B stands; -1 if it has none. */
    private long lowRank(Projection projection) {
        int pair = lora.indexOf(projection);
        return pair < 0 ? -1 : WEIGHTS + biases.size() + (gated ? GATES : 0) + 2L * pair;
    }

    private static int number(Activation activation) {
        return switch (activation) {
            case SILU -> 0;
            case GELU -> 1;
            case GELU_TANH -> 2;
            case RELU -> 3;
        };
    }
}
