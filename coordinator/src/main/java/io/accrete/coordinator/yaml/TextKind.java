package io.accrete.coordinator.yaml;

import java.util.List;

/**
 * A language that is written in YAML.
 *
 * @param noun what a text of it is called in messages, for example {@code recipe}
 * @param family the letters that its codes begin with
 * @param unknownKeys says what is wrong with a key that a section does not have
 */
public record TextKind(String noun, String family, UnknownKeys unknownKeys) {

    String code(Fault fault) {
        return "%s-%03d".formatted(family, fault.number());
    }

    /** Reports a key that means nothing where it stands. */
    @FunctionalInterface
    public interface UnknownKeys {
        /**
         * @param section as it is called in messages, for example {@code a slice}
         * @param known the keys that it has
         */
        void report(YamlNode.Scalar key, String section, List<String> known, ProblemLog log);
    }
}
