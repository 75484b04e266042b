package io.accrete.coordinator.yaml;

import io.accrete.coordinator.yaml.YamlNode.Entry;
import io.accrete.coordinator.yaml.YamlNode.Kind;
import io.accrete.coordinator.yaml.YamlNode.Mapping;
import io.accrete.coordinator.yaml.YamlNode.Scalar;
import io.accrete.coordinator.yaml.YamlNode.Sequence;

import java.util.List;
import java.util.Optional;

/** A mapping whose keys are known. */
public final class Section {
    private final String name;
    private final Mapping mapping;
    private final ProblemLog log;

    private Section(String name, Mapping mapping, ProblemLog log) {
        this.name = name;
        this.mapping = mapping;
        this.log = log;
    }

    /**
     * The section, with its unknown keys reported; empty and reported if it is not a mapping.
     *
     * @param name as it is called in messages, for example {@code a slice}
     */
    public static Optional<Section> of(
            String name, YamlNode node, List<String> keys, ProblemLog log) {
        if (!(node instanceof Mapping mapping)) {
            log.error(
                    YamlFault.WRONG_TYPE,
                    node.at(),
                    name
                            + " is a mapping with the keys "
                            + String.join(", ", keys)
                            + ", not "
                            + node.words(),
                    "write `key: value` lines here");
            return Optional.empty();
        }
        for (Entry entry : mapping.entries()) {
            if (entry.key().kind() != Kind.TEXT || !keys.contains(entry.key().text())) {
                log.kind().unknownKeys().report(entry.key(), name, keys, log);
            }
        }
        return Optional.of(new Section(name, mapping, log));
    }

    public Position at() {
        return mapping.at();
    }

    /** The value of a key; empty where the key is absent or has no value. */
    public Optional<YamlNode> value(String key) {
        return mapping.entry(key).map(Entry::value).filter(value -> !value.isNull());
    }

    /** Whether a key is there without a value. */
    public boolean hasNoValue(String key) {
        return mapping.entry(key).filter(entry -> entry.value().isNull()).isPresent();
    }

    /** Where a key stands, or else the section. */
    public Position keyAt(String key) {
        return mapping.entry(key).map(entry -> entry.key().at()).orElse(mapping.at());
    }

    /** The value of a key that must be there. */
    public Optional<YamlNode> required(String key, String fix) {
        Optional<YamlNode> value = value(key);
        if (value.isEmpty()) {
            boolean there = mapping.entry(key).isPresent();
            log.error(
                    YamlFault.WRONG_TYPE,
                    keyAt(key),
                    there ? "'" + key + "' has no value" : name + " needs '" + key + "'",
                    fix);
        }
        return value;
    }

    /** A text; other values are reported. Empty text counts as absent. */
    public Optional<Located<String>> text(String key) {
        return value(key)
                .flatMap(
                        node -> {
                            if (node instanceof Scalar scalar && scalar.kind() == Kind.TEXT) {
                                return Optional.of(new Located<>(scalar.text(), scalar.at()))
                                        .filter(text -> !text.value().isEmpty());
                            }
                            log.error(
                                    YamlFault.WRONG_TYPE,
                                    node.at(),
                                    "'" + key + "' is text, not " + node.words(),
                                    node instanceof Scalar
                                            ? "put it in quotes"
                                            : "write one word or line");
                            return Optional.empty();
                        });
    }

    /** The items of a list; empty where the key is absent, reported where it is no list. */
    public List<YamlNode> list(String key) {
        Optional<YamlNode> value = value(key);
        if (value.isEmpty()) {
            return List.of();
        }
        if (value.get() instanceof Sequence sequence) {
            return sequence.items();
        }
        log.error(
                YamlFault.WRONG_TYPE,
                value.get().at(),
                "'" + key + "' is a list, not " + value.get().words(),
                "begin each item with `- `");
        return List.of();
    }

    /** Whether a key has a value that is not an empty list or mapping. */
    public boolean has(String key) {
        return value(key)
                .filter(value -> !(value instanceof Sequence list && list.items().isEmpty()))
                .filter(value -> !(value instanceof Mapping map && map.entries().isEmpty()))
                .isPresent();
    }
}
