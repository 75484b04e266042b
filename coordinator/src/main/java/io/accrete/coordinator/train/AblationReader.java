package io.accrete.coordinator.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

import io.accrete.coordinator.yaml.Located;
import io.accrete.coordinator.yaml.Position;
import io.accrete.coordinator.yaml.ProblemLog;
import io.accrete.coordinator.yaml.Section;
import io.accrete.coordinator.yaml.SourceText;
import io.accrete.coordinator.yaml.TextKind;
import io.accrete.coordinator.yaml.YamlFault;
import io.accrete.coordinator.yaml.YamlNode;
import io.accrete.coordinator.yaml.YamlNode.Mapping;
import io.accrete.coordinator.yaml.YamlNode.Scalar;
import io.accrete.coordinator.yaml.YamlNode.Sequence;
import io.accrete.coordinator.yaml.YamlTree;
import io.accrete.protocol.job.Problem;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Reads what an ablation consists of: a job, and for each variant the keys in which it differs. A
 * variant is the job with those values in place, as text again, so that it is read as any other
 * job.
 */
public final class AblationReader {
    /** What an ablation writes beside the folders of its variants. */
    public static final String REPORT = "report.html";

    public static final String NUMBERS = "ablation.json";

    private static final TextKind KIND = new TextKind("ablation", "TRN", JobKeys::unknown);
    private static final List<String> KEYS = List.of("job", "seeds", "variants");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,63}");
    private static final List<String> TEXTS = List.of("train", "validation");
    private static final int VARIANTS_MAX = 64;
    private static final int SEEDS_MAX = 16;
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private AblationReader() {}

    /**
     * What was read.
     *
     * @param job file of the job that is varied; empty where it is not named
     * @param seeds each variant is trained with each of them; none: with the job's own
     */
    public record Matrix(
            Optional<String> job,
            List<Long> seeds,
            List<Variant> variants,
            List<Problem> problems) {
        public Matrix {
            seeds = List.copyOf(seeds);
            variants = List.copyOf(variants);
            problems = List.copyOf(problems);
        }
    }

    /**
     * @param changes values by keys; a key with dots reaches into sections
     */
    public record Variant(String name, ObjectNode changes) {

        /**
         * The text of the job with the changes.
         *
         * @param base text of the job, which has no errors
         */
        public String text(String base, Optional<Long> seed) {
            ProblemLog log = new ProblemLog(KIND, false);
            YamlNode document = YamlTree.read(new SourceText("", base), log).getFirst();
            ObjectNode job = (ObjectNode) json(document);
            changes.properties().forEach(change -> put(job, change.getKey(), change.getValue()));
            seed.ifPresent(number -> job.put("seed", number));
            return job.toPrettyString() + "\n";
        }
    }

    /**
     * @param fileName what the text is called in messages
     */
    public static Matrix read(String fileName, String text) {
        // strict: of two variants with one name, one would never be trained
        ProblemLog log = new ProblemLog(KIND, true);
        SourceText source = new SourceText(fileName, text);
        List<YamlNode> documents =
                YamlTree.read(source, log).stream().filter(node -> !node.isNull()).toList();
        if (documents.size() != 1) {
            if (!log.hasErrors()) {
                wrong(
                        log,
                        source.atIndex(0),
                        "an ablation is one mapping with `job` and `variants`",
                        "write `job: FILE` and `variants: {NAME: {KEY: VALUE}}`");
            }
            return new Matrix(Optional.empty(), List.of(), List.of(), log.inOrder());
        }
        Optional<Section> top = Section.of("an ablation", documents.getFirst(), KEYS, log);
        Optional<String> job =
                top.flatMap(section -> section.required("job", "name the job that is varied"))
                        .flatMap(_ -> top.get().text("job"))
                        .map(Located::value);
        List<Long> seeds = top.map(section -> seeds(section, log)).orElse(List.of());
        List<Variant> variants =
                top.flatMap(s -> s.required("variants", "write `variants: {NAME: {KEY: VALUE}}`"))
                        .map(node -> variants(node, !seeds.isEmpty(), log))
                        .orElse(List.of());
        return new Matrix(job, seeds, variants, log.inOrder());
    }

    private static List<Long> seeds(Section top, ProblemLog log) {
        List<Long> seeds = new ArrayList<>();
        for (YamlNode item : top.list("seeds")) {
            Optional<Long> seed = NumberText.whole(item);
            if (seed.isEmpty()
                    || seed.get() < 0
                    || seeds.contains(seed.get())
                    || seeds.size() == SEEDS_MAX) {
                wrong(
                        log,
                        item.at(),
                        "'seeds' is a list of at most %d different whole numbers from 0, not %s"
                                .formatted(SEEDS_MAX, item.words()),
                        "write for example `seeds: [1, 2, 3]`");
            } else {
                seeds.add(seed.get());
            }
        }
        return seeds;
    }

    private static List<Variant> variants(YamlNode node, boolean seeded, ProblemLog log) {
        if (!(node instanceof Mapping mapping)
                || mapping.entries().isEmpty()
                || mapping.entries().size() > VARIANTS_MAX) {
            wrong(
                    log,
                    node.at(),
                    "'variants' is a mapping of 1 to %d names to what is other in each, not %s"
                            .formatted(VARIANTS_MAX, node.words()),
                    "write `NAME: {KEY: VALUE}`; `{}` stands for the job as it is");
            return List.of();
        }
        List<Variant> variants = new ArrayList<>();
        Map<String, Integer> lines = new HashMap<>();
        for (YamlNode.Entry entry : mapping.entries()) {
            String name = entry.key().text();
            // keys that differ for YAML, as 1 and "1" do, may be one name
            Integer before = lines.putIfAbsent(name, entry.key().at().line());
            if (before != null) {
                wrong(
                        log,
                        entry.key().at(),
                        "variant '%s' stands in line %d already".formatted(name, before),
                        "give one of them another name");
            }
            if (isName(entry.key(), log)) {
                if (entry.value() instanceof Mapping changes) {
                    comparable(name, changes, seeded, log);
                    variants.add(new Variant(name, (ObjectNode) json(changes)));
                } else {
                    wrong(
                            log,
                            entry.value().at(),
                            "variant '%s' is a mapping of keys to values, not %s"
                                    .formatted(name, entry.value().words()),
                            "write `{KEY: VALUE}`, or `{}` for the job as it is");
                }
            }
        }
        return variants;
    }

    private static boolean isName(Scalar key, ProblemLog log) {
        String name = key.text();
        if (!NAME.matcher(name).matches()) {
            wrong(
                    log,
                    key.at(),
                    "'%s' is no name of a variant: its result gets a folder of that name"
                            .formatted(name),
                    "use letters, digits, `.`, `_` and `-`, at most 64");
            return false;
        }
        for (String own : List.of(REPORT, NUMBERS)) {
            // where a file system does not tell them apart, they are one
            if (name.equalsIgnoreCase(own)) {
                wrong(
                        log,
                        key.at(),
                        "'%s' is no name of a variant: the ablation writes a file of that name"
                                .formatted(name),
                        "choose another name");
                return false;
            }
        }
        return true;
    }

    /** Variants have the same text, and the seeds of the ablation if it names any. */
    private static void comparable(String name, Mapping changes, boolean seeded, ProblemLog log) {
        for (YamlNode.Entry change : changes.entries()) {
            String key = change.key().text();
            if (seeded && key.equals("seed")) {
                log.error(
                        JobFault.CONTRADICTION,
                        change.key().at(),
                        "variant '%s' has a `seed`, and `seeds` gives each variant its own"
                                .formatted(name),
                        "leave out one of the two");
            }
            TEXTS.stream()
                    .filter(text -> changesText(change, text))
                    .forEach(
                            text ->
                                    log.error(
                                            JobFault.CONTRADICTION,
                                            change.key().at(),
                                            "variant '%s' changes `data.%s`, and variants are"
                                                            .formatted(name, text)
                                                    + " compared on the same text",
                                            "write it in the job; other text is another ablation"));
        }
    }

    private static boolean changesText(YamlNode.Entry change, String text) {
        String key = change.key().text();
        return key.equals("data." + text)
                || key.equals("data")
                        && change.value() instanceof Mapping data
                        && data.entry(text).isPresent();
    }

    private static void wrong(ProblemLog log, Position at, String message, String fix) {
        log.error(YamlFault.WRONG_TYPE, at, message, fix);
    }

    /** Values as the job file has them; numbers that JSON writes otherwise stay text. */
    private static JsonNode json(YamlNode node) {
        return switch (node) {
            case Mapping mapping -> {
                ObjectNode object = JSON.objectNode();
                mapping.entries()
                        .forEach(entry -> object.set(entry.key().text(), json(entry.value())));
                yield object;
            }
            case Sequence list -> {
                var array = JSON.arrayNode();
                list.items().forEach(item -> array.add(json(item)));
                yield array;
            }
            case Scalar scalar ->
                    switch (scalar.value()) {
                        case Boolean flag -> JSON.booleanNode(flag);
                        case Long number -> JSON.numberNode(number);
                        case BigInteger number -> JSON.numberNode(number);
                        default -> scalar.isNull() ? JSON.nullNode() : JSON.textNode(scalar.text());
                    };
        };
    }

    /** Sections are changed key by key, everything else is replaced. */
    private static void put(ObjectNode into, String key, JsonNode value) {
        int dot = key.indexOf('.');
        if (dot > 0 && !into.has(key)) {
            put(section(into, key.substring(0, dot)), key.substring(dot + 1), value);
        } else if (value instanceof ObjectNode changes
                && into.path(key) instanceof ObjectNode section) {
            changes.properties()
                    .forEach(change -> put(section, change.getKey(), change.getValue()));
        } else {
            into.set(key, value);
        }
    }

    private static ObjectNode section(ObjectNode into, String key) {
        return into.path(key) instanceof ObjectNode known ? known : into.putObject(key);
    }
}
