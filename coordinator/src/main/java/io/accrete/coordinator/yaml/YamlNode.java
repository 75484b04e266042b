package io.accrete.coordinator.yaml;

import java.util.List;
import java.util.Optional;

/**
 * A value in a YAML text, with where it stands. Aliases are followed and merge keys expanded; what
 * an alias names is shared, so a small text can stand for a very large tree: look at {@link #size}
 * before you walk.
 */
public sealed interface YamlNode {
    Position at();

    /** How many values it stands for, itself included, each alias counted in full. */
    long size();

    /** What it is, in words, for {@code found ...}. */
    String words();

    /** What a scalar was resolved to. */
    enum Kind {
        NULL,
        FLAG,
        INTEGER,
        FRACTION,
        TEXT,
        DATE
    }

    /**
     * A scalar.
     *
     * @param text as written, without quotes
     * @param value a Boolean, Long, BigInteger or Double; the text for the other kinds
     */
    record Scalar(Position at, Kind kind, String text, Object value) implements YamlNode {
        @Override
        public long size() {
            return 1;
        }

        @Override
        public String words() {
            return switch (kind) {
                case NULL -> "nothing";
                case FLAG, INTEGER, FRACTION -> Words.shortened(text);
                case TEXT -> "'" + Words.shortened(text) + "'";
                case DATE -> "the date " + text;
            };
        }
    }

    record Sequence(Position at, List<YamlNode> items, long size) implements YamlNode {
        @Override
        public String words() {
            return items.isEmpty() ? "an empty list" : "a list of " + items.size();
        }
    }

    /** A mapping whose keys are scalars, each once. */
    record Mapping(Position at, List<Entry> entries, long size) implements YamlNode {
        public Optional<Entry> entry(String key) {
            return entries.stream().filter(e -> e.key().text().equals(key)).findFirst();
        }

        @Override
        public String words() {
            return entries.isEmpty() ? "an empty mapping" : "a mapping";
        }
    }

    record Entry(Scalar key, YamlNode value) {}

    default boolean isNull() {
        return this instanceof Scalar scalar && scalar.kind() == Kind.NULL;
    }
}
