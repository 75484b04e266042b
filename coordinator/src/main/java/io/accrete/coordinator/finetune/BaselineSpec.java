package io.accrete.coordinator.finetune;

import io.accrete.coordinator.train.Baseline;
import io.accrete.coordinator.train.JobReader;
import io.accrete.coordinator.train.ParsedJob;
import io.accrete.coordinator.yaml.Position;
import io.accrete.protocol.job.JobKind;
import io.accrete.protocol.job.JobSpec;

import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The job that fine-tunes the untouched base of another, where that one asks for it. */
public final class BaselineSpec {
    private static final String SUFFIX = "-baseline";

    /** As YAML has them. */
    private static final Pattern LINE_END = Pattern.compile("\r\n|[\r\n]");

    private BaselineSpec() {}

    /** Where the fine-tuned base of a result stands. */
    public static Path output(Path result) {
        return result.resolveSibling(result.getFileName() + SUFFIX);
    }

    /** Empty where none is asked for, and where the job cannot be read. */
    public static Optional<JobSpec> of(JobSpec job) {
        if (job.kind() != JobKind.TRAIN) {
            return Optional.empty();
        }
        ParsedJob parsed = JobReader.read(job.recipeFile(), job.recipe());
        return parsed.baseline() == Baseline.ALSO && !parsed.hasErrors()
                ? Optional.of(
                        new JobSpec(
                                job.kind(),
                                job.recipeFile(),
                                only(job.recipe(), parsed.at("baseline")),
                                output(Path.of(job.output())).toString(),
                                job.options(),
                                job.stages()))
                : Optional.empty();
    }

    /** The same text, but for one word. */
    private static String only(String text, Position word) {
        Matcher end = LINE_END.matcher(text);
        int line = 0;
        for (int passed = 1; passed < word.line() && end.find(); passed++) {
            line = end.end();
        }
        int start = text.offsetByCodePoints(line, word.column() - 1);
        return text.substring(0, start) + text.substring(start).replaceFirst("^\\w+", "only");
    }
}
