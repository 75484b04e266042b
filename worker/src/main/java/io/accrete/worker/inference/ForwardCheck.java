package io.accrete.worker.inference;

import io.accrete.protocol.tensor.Shape;
import io.accrete.worker.tensor.Tensor;
import io.accrete.worker.tensor.TensorScope;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/** One pass through a model, layer by layer in bounded memory: does it compute finite numbers? */
public final class ForwardCheck {
    private static final int POSITIONS = 16;

    private ForwardCheck() {}

    /**
     * @return a sentence for each thing that is wrong; none if all states and logits are finite
     */
    public static List<String> faults(LoadedModel model) {
        List<String> faults = new ArrayList<>();
        int vocabulary = model.config().vocabulary();
        // Ids from all over the vocabulary: a row of the embedding may be broken alone.
        long[] ids =
                LongStream.range(0, POSITIONS).map(i -> i * (vocabulary - 1) / POSITIONS).toArray();
        try (TensorScope scope = model.scope().child()) {
            Tensor tokens = scope.longs(ids, Shape.of(1, POSITIONS));
            Tensor states =
                    model.stack()
                            .states(
                                    tokens,
                                    (layer, x) -> {
                                        if (faults.isEmpty() && !isFinite(x.floats())) {
                                            faults.add(fault(layer));
                                        }
                                    },
                                    scope);
            if (faults.isEmpty() && !isFinite(model.stack().logits(states, scope).floats())) {
                faults.add("the logits are not finite, though the states of all layers are");
            }
        }
        return faults;
    }

    private static String fault(int layer) {
        return layer < 0
                ? "the embedding has values that are not finite"
                : "layer %d is the first whose results are not finite".formatted(layer);
    }

    private static boolean isFinite(float[] values) {
        for (float value : values) {
            if (!Float.isFinite(value)) {
                return false;
            }
        }
        return true;
    }
}
