package io.accrete.coordinator.recipe;

import io.accrete.coordinator.yaml.Located;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One {@code parameters} map of a recipe, in the order in which it was written.
 *
 * @param unreadable names that were given values with errors, which have been reported
 */
public record Parameters(Map<String, Located<ParameterValue>> values, Set<String> unreadable) {
    public static final Parameters NONE = new Parameters(Map.of(), Set.of());

    public Parameters {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
        unreadable = Set.copyOf(unreadable);
    }

    public Optional<Located<ParameterValue>> value(String name) {
        return Optional.ofNullable(values.get(name));
    }
}
