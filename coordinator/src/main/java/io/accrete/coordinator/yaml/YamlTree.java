package io.accrete.coordinator.yaml;

import io.accrete.coordinator.yaml.YamlNode.Entry;
import io.accrete.coordinator.yaml.YamlNode.Kind;
import io.accrete.coordinator.yaml.YamlNode.Mapping;
import io.accrete.coordinator.yaml.YamlNode.Scalar;
import io.accrete.coordinator.yaml.YamlNode.Sequence;

import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.composer.Composer;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.reader.StreamReader;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The documents of a YAML text as nodes, read as PyYAML's {@code safe_load} reads them. Nothing is
 * ever constructed from a tag, and time and memory stay in proportion to the text.
 */
public final class YamlTree {
    static final int MOST_CHARACTERS = 3_000_000;
    static final int DEEPEST = 100;
    static final int MOST_ALIASES = 10_000;

    private static final Set<Tag> SCALAR_TAGS =
            Set.of(Tag.STR, Tag.BOOL, Tag.INT, Tag.FLOAT, Tag.NULL, Tag.TIMESTAMP);

    private final SourceText source;
    private final ProblemLog log;
    private final IdentityHashMap<Node, YamlNode> anchored = new IdentityHashMap<>();
    private final Set<Node> open = Collections.newSetFromMap(new IdentityHashMap<>());

    private YamlTree(SourceText source, ProblemLog log) {
        this.source = source;
        this.log = log;
    }

    /** All documents; those before the first syntax error if there is one. */
    public static List<YamlNode> read(SourceText source, ProblemLog log) {
        if (!YamlFaults.charactersAllowed(source, log)) {
            return List.of();
        }
        LoaderOptions options = new LoaderOptions();
        options.setCodePointLimit(MOST_CHARACTERS);
        options.setNestingDepthLimit(DEEPEST);
        options.setMaxAliasesForCollections(MOST_ALIASES);
        // nothing is constructed; foreign tags are reported below, all of them
        options.setTagInspector(tag -> true);
        List<YamlNode> documents = new ArrayList<>();
        try {
            StreamReader reader = new StreamReader(source.text());
            Composer composer =
                    new Composer(new ParserImpl(reader, options), new Yaml11(), options);
            while (composer.checkNode()) {
                documents.add(new YamlTree(source, log).convert(composer.getNode()));
            }
        } catch (RuntimeException e) {
            // not only YAMLException: the parser has been seen to fail in other ways
            YamlFaults.report(e, source, log);
        }
        return documents;
    }

    private YamlNode convert(Node node) {
        return node.getAnchor() == null ? converted(node) : shared(node);
    }

    /** What an anchor names is converted once, so that aliases cost nothing. */
    private YamlNode shared(Node node) {
        YamlNode known = anchored.get(node);
        if (known != null) {
            return known;
        }
        if (!open.add(node)) {
            log.error(
                    YamlFault.RECURSION,
                    at(node),
                    "an anchor contains an alias of itself, so the value has no end",
                    "write the inner value out instead of the alias");
            return nothing(at(node));
        }
        YamlNode result = converted(node);
        open.remove(node);
        anchored.put(node, result);
        return result;
    }

    private YamlNode converted(Node node) {
        return switch (node) {
            case ScalarNode scalar -> scalar(scalar);
            case SequenceNode sequence -> sequence(sequence);
            case MappingNode mapping -> mapping(mapping);
            default -> nothing(at(node));
        };
    }

    private YamlNode scalar(ScalarNode node) {
        Tag tag = node.getTag();
        String text = node.getValue();
        if (tag.equals(Tag.MERGE) || tag.equals(Yaml11.VALUE)) {
            log.error(
                    YamlFault.TAG,
                    at(node),
                    "'" + text + "' has a meaning of its own in YAML 1.1 and cannot stand here",
                    "put it in quotes");
            return nothing(at(node));
        }
        if (!SCALAR_TAGS.contains(tag)) {
            return foreignTag(node);
        }
        return Yaml11.scalar(at(node), tag, text)
                .orElseGet(
                        () -> {
                            log.error(
                                    YamlFault.TAG,
                                    at(node),
                                    "'"
                                            + Words.shortened(text)
                                            + "' cannot be read as "
                                            + name(tag),
                                    "put it in quotes if it is text");
                            return nothing(at(node));
                        });
    }

    private YamlNode sequence(SequenceNode node) {
        if (!node.getTag().equals(Tag.SEQ)) {
            return foreignTag(node);
        }
        List<YamlNode> items = new ArrayList<>(node.getValue().size());
        long size = 1;
        for (Node item : node.getValue()) {
            YamlNode value = convert(item);
            items.add(value);
            size = added(size, value.size());
        }
        return new Sequence(at(node), Collections.unmodifiableList(items), size);
    }

    private YamlNode mapping(MappingNode node) {
        if (!node.getTag().equals(Tag.MAP)) {
            return foreignTag(node);
        }
        Map<List<Object>, Entry> entries = new LinkedHashMap<>();
        Map<List<Object>, Entry> own = new LinkedHashMap<>();
        Map<List<Object>, Integer> lines = new HashMap<>();
        for (NodeTuple tuple : node.getValue()) {
            if (tuple.getKeyNode().getTag().equals(Tag.MERGE)) {
                merge(convert(tuple.getValueNode()), entries);
            } else if (key(tuple.getKeyNode()) instanceof Scalar key) {
                List<Object> identity = List.of(key.kind(), key.value());
                Integer before = lines.put(identity, key.at().line());
                if (before != null) {
                    duplicate(key, before);
                }
                own.put(identity, new Entry(key, convert(tuple.getValueNode())));
            } else {
                // its tags and anchors still count
                convert(tuple.getValueNode());
            }
        }
        entries.putAll(own);
        long size = 1;
        for (Entry entry : entries.values()) {
            size = added(size, added(1, entry.value().size()));
        }
        return new Mapping(at(node), List.copyOf(entries.values()), size);
    }

    private YamlNode key(Node node) {
        if (node instanceof ScalarNode scalar && scalar.getTag().equals(Yaml11.VALUE)) {
            return new Scalar(at(node), Kind.TEXT, scalar.getValue(), scalar.getValue());
        }
        YamlNode key = convert(node);
        if (!(key instanceof Scalar)) {
            log.error(
                    YamlFault.WRONG_TYPE,
                    key.at(),
                    "a key must be a single value, not " + key.words(),
                    "write the key as text");
        }
        return key;
    }

    /** A later {@code <<} wins over an earlier one; in a list the first mapping wins. */
    private void merge(YamlNode value, Map<List<Object>, Entry> entries) {
        List<YamlNode> mappings =
                value instanceof Sequence list ? list.items().reversed() : List.of(value);
        for (YamlNode merged : mappings) {
            if (merged instanceof Mapping mapping) {
                for (Entry entry : mapping.entries()) {
                    entries.put(List.of(entry.key().kind(), entry.key().value()), entry);
                }
            } else {
                log.error(
                        YamlFault.WRONG_TYPE,
                        merged.at(),
                        "'<<' merges a mapping or a list of mappings, not " + merged.words(),
                        "let the alias name a mapping");
            }
        }
    }

    private void duplicate(Scalar key, int before) {
        log.slip(
                YamlFault.DUPLICATE_KEY,
                key.at(),
                "key '%s' was given in line %d already; the last one, in line %d, counts"
                        .formatted(Words.shortened(key.text()), before, key.at().line()),
                "keep one of them");
    }

    private YamlNode foreignTag(Node node) {
        log.error(
                YamlFault.TAG,
                at(node),
                "the tag "
                        + name(node.getTag())
                        + " is not allowed: a "
                        + log.kind().noun()
                        + " is made of text,"
                        + " numbers, true and false, lists and mappings",
                "remove the tag");
        return nothing(at(node));
    }

    private static String name(Tag tag) {
        String value = tag.getValue();
        return Words.shortened(
                value.startsWith(Tag.PREFIX) ? "!!" + value.substring(Tag.PREFIX.length()) : value);
    }

    private Position at(Node node) {
        Mark mark = node.getStartMark();
        return source.at(mark.getLine(), mark.getColumn());
    }

    private static Scalar nothing(Position at) {
        return new Scalar(at, Kind.NULL, "", "");
    }

    private static long added(long a, long b) {
        long sum = a + b;
        return sum < 0 ? Long.MAX_VALUE : sum;
    }
}
