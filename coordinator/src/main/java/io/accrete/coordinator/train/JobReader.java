package io.accrete.coordinator.train;

import io.accrete.coordinator.yaml.Position;
import io.accrete.coordinator.yaml.ProblemLog;
import io.accrete.coordinator.yaml.SourceText;
import io.accrete.coordinator.yaml.TextKind;
import io.accrete.coordinator.yaml.YamlFault;
import io.accrete.coordinator.yaml.YamlNode;
import io.accrete.coordinator.yaml.YamlNode.Mapping;
import io.accrete.coordinator.yaml.YamlNode.Scalar;
import io.accrete.coordinator.yaml.YamlTree;
import io.accrete.protocol.train.TrainJob;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/** Reads job files, and finds what is wrong with them, all at once. */
public final class JobReader {
    static final TextKind KIND = new TextKind("job file", "TRN", JobKeys::unknown);

    /** Keys that a recipe has and a job file has not. */
    private static final List<String> OF_RECIPES =
            List.of("merge_method", "slices", "models", "modules");

    /** Far above any job; aliases of aliases could stand for more. */
    private static final long VALUES_MAX = 100_000;

    private JobReader() {}

    /**
     * Whether a text is a job file and not a recipe, as far as its keys tell; whatever is neither
     * is not.
     */
    public static boolean recognises(String text) {
        ProblemLog log = new ProblemLog(KIND, false);
        return YamlTree.read(new SourceText("", text), log).stream()
                .anyMatch(
                        node ->
                                node instanceof Mapping mapping
                                        && has(mapping, JobKeys.of(""))
                                        && !has(mapping, OF_RECIPES));
    }

    /**
     * @param fileName what the job file is called in messages
     */
    public static ParsedJob read(String fileName, String text) {
        ProblemLog log = new ProblemLog(KIND, false);
        SourceText source = new SourceText(fileName, text);
        List<YamlNode> documents =
                YamlTree.read(source, log).stream().filter(node -> !node.isNull()).toList();
        Map<String, Position> places = new TreeMap<>();
        Optional<TrainJob> job = Optional.empty();
        Baseline baseline = new Baseline.None();
        Position start = source.atIndex(0);
        if (documents.size() == 1 && !log.hasErrors() && isJob(documents.getFirst(), log)) {
            Mapping document = (Mapping) documents.getFirst();
            start = document.at();
            places.put("", start);
            JobSection top = JobSection.top(document, log, places);
            job = new SettingsReader(log).read(top);
            new LaterSettings(log).read(top);
            baseline = baseline(top);
            job.ifPresent(read -> new JobChecks(read, places, log).run());
        } else if (documents.size() > 1) {
            log.error(
                    JobFault.NOT_A_JOB,
                    documents.get(1).at(),
                    "the file has %d documents; a job file has one".formatted(documents.size()),
                    "put each job into a file of its own");
        } else if (!log.hasErrors()) {
            log.error(
                    JobFault.NOT_A_JOB,
                    start,
                    "the file is empty, or has comments only",
                    "a job file names at least `model:` and `data:`");
        }
        return new ParsedJob(job, baseline, start, places, log.inOrder());
    }

    /** {@code true}, {@code false}, {@code only}, or a mapping with the steps of the base. */
    private static Baseline baseline(JobSection top) {
        Optional<YamlNode> node = top.value("baseline");
        return switch (node.orElse(null)) {
            case null -> new Baseline.None();
            case Mapping _ -> only(top.sub("baseline"));
            case Scalar word when word.text().equals("only") ->
                    new Baseline.Only(OptionalInt.empty());
            case Scalar flag when flag.value() instanceof Boolean asked ->
                    asked ? new Baseline.Also() : new Baseline.None();
            case YamlNode other -> {
                top.unknownWord("baseline", other, List.of("true", "false", "only", "{steps: N}"));
                yield new Baseline.None();
            }
        };
    }

    private static Baseline only(JobSection baseline) {
        if (baseline.isPresent() && baseline.optional("steps").isEmpty()) {
            baseline.missing("steps", "write `baseline: {steps: 200}`, or `baseline: only`");
        }
        return new Baseline.Only(OptionalInt.of(baseline.whole("steps", 1, SettingsReader.COUNT)));
    }

    private static boolean isJob(YamlNode document, ProblemLog log) {
        if (!(document instanceof Mapping mapping)) {
            log.error(
                    JobFault.NOT_A_JOB,
                    document.at(),
                    "the file is %s%s, not a job"
                            .formatted(
                                    document instanceof Scalar ? "the text " : "",
                                    document.words()),
                    "a job file is a mapping that names at least `model:` and `data:`");
            return false;
        }
        for (String key : OF_RECIPES) {
            Optional<YamlNode.Entry> entry = mapping.entry(key);
            if (entry.isPresent()) {
                log.error(
                        JobFault.OTHER_FILE,
                        entry.get().key().at(),
                        "this is a merge recipe: it has `%s`".formatted(key),
                        "run it with `accrete merge`, or name it in a job file: `recipe: FILE`");
                return false;
            }
        }
        if (mapping.size() > VALUES_MAX) {
            log.error(
                    YamlFault.LIMIT,
                    mapping.at(),
                    "the file stands for %,d values once its aliases are followed; at most %,d are"
                                    .formatted(mapping.size(), VALUES_MAX)
                            + " read",
                    "use fewer aliases of aliases");
            return false;
        }
        return true;
    }

    private static boolean has(Mapping mapping, List<String> keys) {
        return keys.stream().anyMatch(key -> mapping.entry(key).isPresent());
    }
}
