package io.accrete.protocol.model;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The nonlinearity of an MLP. */
public enum Activation {
    SILU,
    /** With the error function. */
    GELU,
    /** With the hyperbolic tangent in place of the error function. */
    GELU_TANH,
    RELU;

    /** By the names that configurations have for them. */
    private static final Map<String, Activation> BY_NAME =
            Map.ofEntries(
                    Map.entry("silu", SILU),
                    Map.entry("swish", SILU),
                    Map.entry("gelu", GELU),
                    Map.entry("gelu_python", GELU),
                    Map.entry("gelu_new", GELU_TANH),
                    Map.entry("gelu_pytorch_tanh", GELU_TANH),
                    Map.entry("relu", RELU));

    public static Optional<Activation> named(String name) {
        return Optional.ofNullable(BY_NAME.get(name));
    }

    /** All names, for people. */
    static String allNames() {
        return String.join(", ", new TreeMap<>(BY_NAME).keySet());
    }
}
