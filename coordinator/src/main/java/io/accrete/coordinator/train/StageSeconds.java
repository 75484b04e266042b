package io.accrete.coordinator.train;

import java.util.Collections;
import java.util.List;

/**
 * How long a stage takes for one micro-batch, slice by slice.
 *
 * @param forward seconds of a forward pass
 * @param backward seconds of a backward pass, recomputing included
 */
public record StageSeconds(List<Double> forward, List<Double> backward) {
    public StageSeconds {
        forward = List.copyOf(forward);
        backward = List.copyOf(backward);
    }

    /** The same for each slice. */
    public static StageSeconds even(int slices, double forward, double backward) {
        return new StageSeconds(
                Collections.nCopies(slices, forward), Collections.nCopies(slices, backward));
    }

    /** Of a micro-batch, all slices forward and backward. */
    double sum() {
        return forward.stream().mapToDouble(Double::doubleValue).sum()
                + backward.stream().mapToDouble(Double::doubleValue).sum();
    }
}
