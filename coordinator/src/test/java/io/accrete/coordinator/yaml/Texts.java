package io.accrete.coordinator.yaml;

/** A kind of text for tests. */
final class Texts {
    static final TextKind KIND =
            new TextKind(
                    "recipe",
                    "RCP",
                    (key, section, known, log) ->
                            log.error(YamlFault.UNKNOWN_KEY, key.at(), "unknown", ""));

    private Texts() {}
}
