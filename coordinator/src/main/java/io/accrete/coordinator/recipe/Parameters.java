package io.accrete.coordinator.recipe;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** One {@code parameters} map of a recipe, in the order in which it was written. */
public record Parameters(Map<String, Located<ParameterValue>> values) {
    public static final Parameters NONE = new Parameters(Map.of());

    public Parameters {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }
}
