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

    /**
     * The one that comes first. Empty where none is asked for, where its steps are known only once
     * the other's are done, and where the job cannot be read.
     */
    public static Optional<JobSpec> beforehand(JobSpec job) {
        return of(job, false, "only");
    }

    /**
     * The one that comes after a growth whose rounds may end early, since it has as many steps.
     *
     * @param steps that the growth has taken
     */
    public static Optional<JobSpec> afterwards(JobSpec job, int steps) {
        return of(job, true, "{steps: %d}".formatted(steps));
    }

    private static Optional<JobSpec> of(JobSpec job, boolean mayEndEarly, String word) {
        if (job.kind() != JobKind.TRAIN) {
            return Optional.empty();
        }
        ParsedJob parsed = JobReader.read(job.recipeFile(), job.recipe());
        boolean asked =
                parsed.baseline() instanceof Baseline.Also
                        && !parsed.hasErrors()
                        && parsed.job().filter(own -> own.mayEndEarly() == mayEndEarly).isPresent();
        return asked
                ? Optional.of(
                        new JobSpec(
                                job.kind(),
                                job.recipeFile(),
                                with(job.recipe(), parsed.at("baseline"), word),
                                output(Path.of(job.output())).toString(),
                                job.options(),
                                job.stages()))
                : Optional.empty();
    }

    /** The same text, but for one word. */
    private static String with(String text, Position place, String word) {
        Matcher end = LINE_END.matcher(text);
        int line = 0;
        for (int passed = 1; passed < place.line() && end.find(); passed++) {
            line = end.end();
        }
        int start = text.offsetByCodePoints(line, place.column() - 1);
        return text.substring(0, start) + text.substring(start).replaceFirst("^\\w+", word);
    }
}
