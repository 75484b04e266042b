package io.accrete.coordinator.train;

import io.accrete.coordinator.yaml.Position;
import io.accrete.coordinator.yaml.ProblemLog;
import io.accrete.coordinator.yaml.Section;
import io.accrete.coordinator.yaml.Words;
import io.accrete.coordinator.yaml.YamlFault;
import io.accrete.coordinator.yaml.YamlNode;
import io.accrete.coordinator.yaml.YamlNode.Kind;
import io.accrete.coordinator.yaml.YamlNode.Mapping;
import io.accrete.coordinator.yaml.YamlNode.Scalar;
import io.accrete.coordinator.yaml.YamlNode.Sequence;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A section of a job file, value by value. What is absent has its default; what is wrong is
 * reported, and has its default too, so that reading goes on.
 */
final class JobSection {
    private final String path;
    private final Optional<Section> section;
    private final ProblemLog log;
    private final Map<String, Position> places;

    private JobSection(
            String path, Optional<Section> section, ProblemLog log, Map<String, Position> places) {
        this.path = path;
        this.section = section;
        this.log = log;
        this.places = places;
    }

    /**
     * The whole document.
     *
     * @param places is told where each value stands, by its keys joined by dots
     */
    static JobSection top(Mapping document, ProblemLog log, Map<String, Position> places) {
        return new JobSection(
                "", Section.of("a job file", document, JobKeys.of(""), log), log, places);
    }

    /** The section under a key; without values where it is absent. */
    JobSection sub(String key) {
        Optional<YamlNode> node = optional(key);
        return node.map(value -> of(key, value))
                .orElseGet(() -> new JobSection(full(key), Optional.empty(), log, places));
    }

    /** A value of this section as a section. */
    JobSection of(String key, YamlNode node) {
        String name = full(key);
        return new JobSection(
                name, Section.of("`" + name + "`", node, JobKeys.of(name), log), log, places);
    }

    /** Whether there is such a section at all. */
    boolean isPresent() {
        return section.isPresent();
    }

    /** Where a value stands, else its section. */
    Position at(String key) {
        return section.orElseThrow().value(key).map(YamlNode::at).orElseGet(this::at);
    }

    Position at() {
        return section.orElseThrow().at();
    }

    /** The value of a key for which {@code null} means as much as nothing. */
    Optional<YamlNode> optional(String key) {
        Optional<YamlNode> node = section.flatMap(known -> known.value(key));
        node.ifPresent(value -> places.put(full(key), value.at()));
        return node;
    }

    /** The value of a key; {@code null} is reported. */
    Optional<YamlNode> value(String key) {
        if (isNull(key)) {
            log.error(
                    YamlFault.WRONG_TYPE,
                    section.orElseThrow().keyAt(key),
                    "'" + full(key) + "' has no value",
                    "give it one, or remove the key: then its default counts");
        }
        return optional(key);
    }

    /** Whether a key is there without a value. */
    boolean isNull(String key) {
        return section.filter(known -> known.hasNoValue(key)).isPresent();
    }

    int whole(String key, int fallback, Interval allowed) {
        return (int) wide(key, fallback, allowed);
    }

    long wide(String key, long fallback, Interval allowed) {
        Optional<YamlNode> node = value(key);
        if (node.isEmpty()) {
            return fallback;
        }
        Optional<Long> number = NumberText.whole(node.get());
        if (number.isEmpty()) {
            wrong(key, node.get(), "a whole number");
            return fallback;
        }
        return inside(key, node.get(), number.get(), allowed) ? number.get() : fallback;
    }

    double number(String key, double fallback, Interval allowed) {
        return value(key).flatMap(node -> number(key, node, allowed)).orElse(fallback);
    }

    /** A number, or empty where the key has the value {@code null}. */
    OptionalDouble numberOrNone(String key, double fallback, Interval allowed) {
        return isNull(key)
                ? OptionalDouble.empty()
                : OptionalDouble.of(number(key, fallback, allowed));
    }

    Optional<Double> number(String key, YamlNode node, Interval allowed) {
        OptionalDouble number = NumberText.number(node);
        if (number.isEmpty()) {
            wrong(key, node, "a number");
            return Optional.empty();
        }
        return inside(key, node, number.getAsDouble(), allowed)
                ? Optional.of(number.getAsDouble())
                : Optional.empty();
    }

    boolean flag(String key, boolean fallback) {
        Optional<YamlNode> node = value(key);
        if (node.isEmpty()) {
            return fallback;
        }
        if (node.get() instanceof Scalar scalar && scalar.value() instanceof Boolean flag) {
            return flag;
        }
        wrong(key, node.get(), "true or false");
        return fallback;
    }

    Optional<String> text(String key) {
        return value(key).flatMap(node -> text(key, node));
    }

    Optional<String> text(String key, YamlNode node) {
        if (node instanceof Scalar scalar
                && scalar.kind() == Kind.TEXT
                && !scalar.text().isBlank()) {
            return Optional.of(scalar.text());
        }
        wrong(key, node, node instanceof Scalar ? "text, in quotes where needed" : "text");
        return Optional.empty();
    }

    /** A list of texts; a text alone stands for a list of one. */
    List<String> texts(String key) {
        Optional<YamlNode> node = value(key);
        if (node.isPresent() && node.get() instanceof Scalar alone) {
            return text(key, alone).stream().toList();
        }
        List<String> texts = new ArrayList<>();
        for (YamlNode item : items(key, node, "a list of texts")) {
            text(key, item).ifPresent(texts::add);
        }
        return texts;
    }

    List<Integer> wholes(String key, Interval allowed) {
        List<Integer> numbers = new ArrayList<>();
        for (YamlNode item : items(key, optional(key), "a list of whole numbers")) {
            Optional<Long> number = NumberText.whole(item);
            if (number.isEmpty()) {
                wrong(key, item, "a list of whole numbers");
            } else if (inside(key, item, number.get(), allowed)) {
                numbers.add(number.get().intValue());
            }
        }
        return numbers;
    }

    /** One of the words that the constants of an enumeration are called in job files. */
    <E extends Enum<E>> E choice(String key, E fallback) {
        Optional<YamlNode> node = value(key);
        if (node.isEmpty()) {
            return fallback;
        }
        E[] all = fallback.getDeclaringClass().getEnumConstants();
        List<String> words = Arrays.stream(all).map(JobSection::word).toList();
        int index = node.get() instanceof Scalar scalar ? words.indexOf(scalar.text()) : -1;
        if (index < 0) {
            unknownWord(key, node.get(), words);
            return fallback;
        }
        return all[index];
    }

    /** Reports that a section lacks a key that it cannot do without. */
    void missing(String key, String fix) {
        log.error(YamlFault.WRONG_TYPE, at(), "'%s' is missing".formatted(full(key)), fix);
    }

    void unknownWord(String key, YamlNode node, List<String> words) {
        String meant = node instanceof Scalar scalar ? Words.didYouMean(scalar.text(), words) : "";
        log.error(
                JobFault.UNKNOWN_WORD,
                node.at(),
                "'%s' is %s; allowed are %s"
                        .formatted(full(key), node.words(), String.join(", ", words)),
                meant.isEmpty() ? "choose one of these" : meant);
    }

    /** How a constant is called in job files. */
    static String word(Enum<?> constant) {
        return switch (constant.name()) {
            case "ONE" -> "1";
            case "ONE_OVER_K" -> "1/k";
            case "ONE_F_ONE_B" -> "1f1b";
            default -> constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
        };
    }

    void wrong(String key, YamlNode node, String expected) {
        log.error(
                YamlFault.WRONG_TYPE,
                node.at(),
                "'%s' is %s; it must be %s".formatted(full(key), node.words(), expected),
                "write " + expected);
    }

    private boolean inside(String key, YamlNode node, double number, Interval allowed) {
        if (allowed.has(number)) {
            return true;
        }
        log.error(
                JobFault.RANGE,
                node.at(),
                "'%s' is %s; it must be %s".formatted(full(key), node.words(), allowed.words()),
                "choose a number that is " + allowed.words());
        return false;
    }

    private List<YamlNode> items(String key, Optional<YamlNode> node, String expected) {
        if (node.isEmpty()) {
            return List.of();
        }
        if (node.get() instanceof Sequence list) {
            return list.items();
        }
        wrong(key, node.get(), expected);
        return List.of();
    }

    private String full(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }
}
