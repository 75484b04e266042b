package io.accrete.worker.tensor;

import io.accrete.protocol.model.Activation;
import io.accrete.protocol.model.Projection;

import java.util.List;
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
 */
public record LayerForm(
        int heads,
        int kvHeads,
        int headDim,
        Activation activation,
        double epsilon,
        List<Projection> biases) {

    /** Weights of a layer that are not biases. */
    public static final int WEIGHTS = 9;

    public LayerForm {
        biases = List.copyOf(biases);
    }

    /** As the script takes it. */
    long[] numbers() {
        LongStream head = LongStream.of(heads, kvHeads, headDim, number(activation));
        LongStream places = Stream.of(Projection.values()).mapToLong(this::place);
        return LongStream.concat(head, places).toArray();
    }

    /** Where a projection's bias is in the list of weights; -1 if it has none. */
    private long place(Projection projection) {
        int bias = biases.indexOf(projection);
        return bias < 0 ? -1 : WEIGHTS + bias;
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
