package io.accrete.coordinator.drive;

import io.accrete.protocol.job.OutputName;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.job.Quantity;
import io.accrete.protocol.store.ExistingPath;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** What stands at the output of a job. */
public sealed interface OutputFolder {

    /** Nothing, or an empty folder. */
    record Vacant() implements OutputFolder {}

    /**
     * The result of a merge by this program.
     *
     * @param job digest of what decided it
     * @param complete it has a config.json, which comes last
     */
    record Published(String job, boolean complete) implements OutputFolder {}

    /** A model that came from elsewhere. */
    record OtherModel() implements OutputFolder {}

    /** Files that are no model: never replaced. */
    record Foreign(String description) implements OutputFolder {}

    /**
     * It lies in a folder that belongs to a job.
     *
     * @param owner that folder: where a job works, or its result
     */
    record Within(Path owner) implements OutputFolder {}

    /** A job cannot work beside such a name, or nobody could read it. */
    record Unnameable(Problem problem) implements OutputFolder {}

    String CONFIG = "config.json";

    static OutputFolder look(Staging staging) throws IOException {
        Path output = staging.output();
        Optional<Problem> unnameable = OutputName.problem(output);
        if (unnameable.isPresent()) {
            return new Unnameable(unnameable.get());
        }
        for (Path above = output; above != null; above = above.getParent()) {
            if (Staging.isStaging(above) || !above.equals(output) && PublishedBy.isResult(above)) {
                return new Within(above);
            }
        }
        Path nearest = ExistingPath.nearest(output);
        if (!nearest.equals(output.toAbsolutePath()) && !Files.isDirectory(nearest)) {
            return new Foreign("in `%s`, which is a file".formatted(nearest));
        }
        if (!Files.exists(output)) {
            return Files.isSymbolicLink(output)
                    ? new Foreign("a link that leads nowhere")
                    : new Vacant();
        }
        if (!Files.isDirectory(output)) {
            return new Foreign("a file, not a folder");
        }
        List<Path> entries = entries(staging);
        if (entries.isEmpty()) {
            return new Vacant();
        }
        boolean config = Files.exists(output.resolve(CONFIG));
        Optional<String> job = PublishedBy.job(output);
        if (job.isPresent()) {
            return new Published(job.get(), config);
        }
        if (config && entries.stream().anyMatch(OutputFolder::isWeights)) {
            return new OtherModel();
        }
        return new Foreign(
                "a folder with %s that is not a model (it has `%s`)"
                        .formatted(
                                Quantity.of(entries.size(), "entry", "entries"),
                                entries.getFirst().getFileName()));
    }

    /** Whether it is the complete result of the job with that digest. */
    default boolean isResultOf(String job) {
        return this instanceof Published(String by, boolean complete) && complete && by.equals(job);
    }

    /**
     * Why nothing may be published here, if nothing may.
     *
     * @param overwrite models are replaced
     * @param published what stands here, where it is a result of this program
     */
    default List<Problem> problems(Staging staging, boolean overwrite, String published) {
        Path output = staging.output();
        return switch (this) {
            case Vacant _ -> List.of();
            case Foreign(String description) ->
                    refused(
                            output,
                            "STO-020",
                            "the output is " + description,
                            "choose another output, or an empty folder");
            case Within(Path owner) ->
                    refused(
                            output,
                            "STO-024",
                            "the output lies in %s, which is a job's own".formatted(owner),
                            "choose an output outside of it");
            case Unnameable(Problem problem) -> List.of(problem);
            case Published _ when overwrite -> List.of();
            case OtherModel _ when overwrite -> List.of();
            case Published _ -> occupied(output, published);
            case OtherModel _ -> occupied(output, "another model");
        };
    }

    private static List<Problem> occupied(Path output, String what) {
        return refused(
                output,
                "STO-021",
                "the output already holds " + what,
                "choose another output, or replace it with --overwrite");
    }

    private static List<Problem> refused(Path output, String code, String message, String fix) {
        return List.of(Problem.error(code, output.toString(), message, fix));
    }

    /** All that would be replaced: without our own folder, and without what a file system puts. */
    static List<Path> entries(Staging staging) throws IOException {
        Set<String> own = Set.of(staging.root().getFileName().toString(), "lost+found");
        try (Stream<Path> entries = Files.list(staging.output())) {
            return entries.filter(entry -> !own.contains(entry.getFileName().toString()))
                    .sorted()
                    .toList();
        }
    }

    private static boolean isWeights(Path file) {
        String name = file.getFileName().toString();
        return name.endsWith(".safetensors") || name.endsWith(".bin");
    }
}
