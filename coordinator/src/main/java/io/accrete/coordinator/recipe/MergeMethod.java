package io.accrete.coordinator.recipe;

import java.util.List;
import java.util.Optional;

/**
 * What a merge method takes.
 *
 * @param runs whether it can be run, and not only be checked
 */
public record MergeMethod(
        String name, boolean runs, InputContract inputs, List<MethodParameter> parameters) {
    public MergeMethod {
        parameters = List.copyOf(parameters);
    }

    public Optional<MethodParameter> parameter(String name) {
        for (MethodParameter parameter : parameters) {
            if (parameter.name().equals(name)) {
                return Optional.of(parameter);
            }
        }
        return Optional.empty();
    }
}
