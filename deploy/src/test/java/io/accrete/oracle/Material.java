package io.accrete.oracle;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;

/** Real-world material that tests use where the environment names it. */
public final class Material {
    private Material() {}

    /** Whether the environment names both folders; a factory of tests is not seen to be skipped. */
    public static boolean isThere() {
        return System.getenv("ACCRETE_DATA") != null && System.getenv("ACCRETE_GOLDENS") != null;
    }

    /** The folder of real models and recipes; skips the test where there is none. */
    public static Path data() {
        return folder("ACCRETE_DATA");
    }

    /** The folder of results of other people's programs; skips the test where there is none. */
    public static Path goldens() {
        return folder("ACCRETE_GOLDENS");
    }

    private static Path folder(String variable) {
        @Nullable String value = System.getenv(variable);
        assumeTrue(value != null && !value.isEmpty(), variable + " is not set");
        return Path.of(value);
    }
}
