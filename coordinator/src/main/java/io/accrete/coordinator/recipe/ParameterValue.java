package io.accrete.coordinator.recipe;

import io.accrete.coordinator.yaml.Located;

import java.util.List;
import java.util.Optional;

/** What a recipe may write for a parameter. */
public sealed interface ParameterValue {

    /** A number, boolean or text as YAML read it; its type is checked by {@link MethodTable}. */
    record Scalar(Object raw) implements ParameterValue {}

    /** Interpolated over the layers of an output slice. */
    record Gradient(List<Located<Scalar>> points) implements ParameterValue {
        public Gradient {
            points = List.copyOf(points);
        }
    }

    /** The first branch whose filter is part of the tensor's name decides. */
    record Conditional(List<Branch> branches) implements ParameterValue {
        public Conditional {
            branches = List.copyOf(branches);
        }
    }

    /**
     * @param filter substring of the tensor's name; absent or {@code *} matches all
     * @param value a scalar or a gradient
     */
    record Branch(Optional<String> filter, Located<ParameterValue> value) {}
}
