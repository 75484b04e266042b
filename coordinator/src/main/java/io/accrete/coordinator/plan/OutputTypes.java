package io.accrete.coordinator.plan;

import io.accrete.protocol.tensor.DType;

import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How many elements of each type an output has.
 *
 * @param elements without types that do not occur
 */
record OutputTypes(Map<DType, Long> elements) {
    /** Below this share they are buffers and the like, of which no configuration speaks. */
    private static final double LEAST_SHARE = 0.01;

    static OutputTypes of(List<PlannedTensor> tensors) {
        Map<DType, Long> elements = new EnumMap<>(DType.class);
        for (PlannedTensor tensor : tensors) {
            elements.merge(tensor.output().dtype(), tensor.output().shape().elements(), Long::sum);
        }
        return new OutputTypes(elements);
    }

    long all() {
        return elements.values().stream().mapToLong(Long::longValue).sum();
    }

    /** The type of most elements; F32 if there are none. */
    DType main() {
        return elements.entrySet().stream()
                .max(Map.Entry.comparingByValue(Comparator.naturalOrder()))
                .map(Map.Entry::getKey)
                .orElse(DType.F32);
    }

    /** The types that matter. */
    Set<DType> prevailing() {
        double least = all() * LEAST_SHARE;
        return elements.entrySet().stream()
                .filter(type -> type.getValue() >= least)
                .map(Map.Entry::getKey)
                .collect(Collectors.toUnmodifiableSet());
    }
}
