package io.accrete.protocol.tensor;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/** The extents of a tensor, outermost first; no extents for a scalar. */
public record Shape(@JsonValue List<Long> extents) {
    /**
     * @throws IllegalArgumentException if an extent is negative
     */
    @JsonCreator
    public Shape {
        extents = List.copyOf(extents);
        for (long extent : extents) {
            if (extent < 0) {
                throw new IllegalArgumentException("negative extent in shape " + extents);
            }
        }
    }

    public static Shape of(long... extents) {
        return new Shape(LongStream.of(extents).boxed().toList());
    }

    /**
     * Number of elements; 1 for a scalar.
     *
     * @throws ArithmeticException if it does not fit in 63 bits
     */
    public long elements() {
        long product = 1;
        for (long extent : extents) {
            product = Math.multiplyExact(product, extent);
        }
        return product;
    }

    /** As people write it: {@code [128256, 8192]}. */
    @Override
    public String toString() {
        return extents.stream().map(String::valueOf).collect(Collectors.joining(", ", "[", "]"));
    }
}
