package io.accrete.coordinator.drive;

import io.accrete.protocol.job.Problem;
import io.accrete.protocol.job.Quantity;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
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

    /**
     * A job cannot work beside such a name, or nobody could read it.
     *
     * @param why what is wrong with it
     */
    record Unnameable(String why) implements OutputFolder {}

    String CONFIG = "config.json";

    /** File systems allow 255; the folder beside it has some more than the output. */
    int NAME_BYTES_MAX = 240;

    static OutputFolder look(Staging staging) throws IOException {
        Path output = staging.output();
        Optional<String> unnameable = unnameable(output);
        if (unnameable.isPresent()) {
            return new Unnameable(unnameable.get());
        }
        for (Path above = output; above != null; above = above.getParent()) {
            if (Staging.isStaging(above) || !above.equals(output) && PublishedBy.isResult(above)) {
                return new Within(above);
            }
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

    private static Optional<String> unnameable(Path output) {
        if (output.toString().chars().anyMatch(Character::isISOControl)) {
            return Optional.of("has a control character");
        }
        Path name = output.getFileName();
        int bytes = name == null ? 0 : name.toString().getBytes(StandardCharsets.UTF_8).length;
        return bytes > NAME_BYTES_MAX
                ? Optional.of("has %d bytes, %d at most".formatted(bytes, NAME_BYTES_MAX))
                : Optional.empty();
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
        return switch (this) {
            case Vacant _ -> List.of();
            case Foreign(String description) ->
                    List.of(
                            Problem.error(
                                    "STO-020",
                                    staging.output().toString(),
                                    "the output is " + description,
                                    "choose another output, or an empty folder"));
            case Within(Path owner) ->
                    List.of(
                            Problem.error(
                                    "STO-024",
                                    staging.output().toString(),
                                    "the output lies in %s, which is a job's own".formatted(owner),
                                    "choose an output outside of it"));
            case Unnameable(String why) ->
                    List.of(
                            Problem.error(
                                    "STO-025",
                                    staging.output().toString(),
                                    "the name of the output " + why,
                                    "choose another name"));
            case Published _ when overwrite -> List.of();
            case OtherModel _ when overwrite -> List.of();
            case Published _ -> List.of(occupied(staging, published));
            case OtherModel _ -> List.of(occupied(staging, "another model"));
        };
    }

    private static Problem occupied(Staging staging, String what) {
        return Problem.error(
                "STO-021",
                staging.output().toString(),
                "the output already holds " + what,
                "choose another output, or replace it with --overwrite");
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
