package io.accrete.coordinator.plan;

import io.accrete.coordinator.recipe.Parameters;
import io.accrete.coordinator.yaml.Position;

import java.util.List;
import java.util.Optional;

/**
 * A contiguous range of output layers, proven against its models.
 *
 * @param inputs in recipe order
 * @param base the input that the method takes as base model, if it looks at one
 * @param firstSite its first layer in the output
 */
record OutputSlice(
        Position at,
        List<SliceInput> inputs,
        Optional<SliceInput> base,
        Parameters parameters,
        int firstSite,
        int length) {
    OutputSlice {
        inputs = List.copyOf(inputs);
    }

    /** Where a layer lies in the slice: 0 is the first, 1 the last, and the only one. */
    double position(int layer) {
        return length == 1 ? 1 : (double) layer / (length - 1);
    }
}
