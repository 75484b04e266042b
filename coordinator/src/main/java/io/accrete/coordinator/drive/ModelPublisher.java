package io.accrete.coordinator.drive;

import io.accrete.protocol.job.Problem;
import io.accrete.protocol.merge.LineageFile;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Makes a verified model visible. Each call does one step, judged by what is on disk alone, so that
 * a run that was killed goes on where it stood.
 */
public final class ModelPublisher {

    /** What became of one step. */
    public sealed interface Step {

        /** The model that stood at the output is in the staging folder now. */
        record MovedAside() implements Step {}

        record Published() implements Step {}

        /**
         * @param sentence what stands in the way
         */
        record Blocked(String sentence) implements Step {}
    }

    private final Staging staging;
    private final JobFolders allowed;
    private final String job;
    private final boolean overwrite;

    /**
     * @param allowed where the output must lie
     * @param job digest of what decided it
     * @param overwrite models are replaced
     */
    public ModelPublisher(Staging staging, JobFolders allowed, String job, boolean overwrite) {
        this.staging = staging;
        this.allowed = allowed;
        this.job = job;
        this.overwrite = overwrite;
    }

    /**
     * What a model consists of.
     *
     * @param shards names of its weight files, and of what goes with them, which are there
     * @param texts the bytes of files, by name; accrete.json among them
     * @param carried paths of files that are copied, by the name that they get
     */
    public record Contents(
            Set<String> shards, Map<String, byte[]> texts, Map<String, String> carried) {}

    /** Writes everything but the shards into the staged model. May be repeated. */
    public void prepare(Contents contents) throws IOException {
        if (isPublished()) {
            return;
        }
        Path model = staging.model();
        Set<String> expected = new HashSet<>(contents.shards());
        for (Map.Entry<String, byte[]> text : contents.texts().entrySet()) {
            DurableFiles.write(model.resolve(Staging.plainName(text.getKey())), text.getValue());
            expected.add(text.getKey());
        }
        for (Map.Entry<String, String> carried : contents.carried().entrySet()) {
            Path file = model.resolve(Staging.plainName(carried.getKey()));
            DurableFiles.copy(Path.of(carried.getValue()), file);
            expected.add(carried.getKey());
        }
        deleteStrangers(model, expected);
        DurableFiles.syncFolder(model);
    }

    public Step advance() throws IOException {
        if (isPublished()) {
            return new Step.Published();
        }
        if (!allowed.have(staging.output())) {
            return new Step.Blocked(
                    "%s leads out of the folders that jobs may use".formatted(staging.output()));
        }
        if (!Files.exists(staging.model().resolve(LineageFile.NAME)) && !isHalfMoved()) {
            return new Step.Blocked(
                    "%s is not the result of this job, and %s, which would become it, is gone"
                            .formatted(staging.output(), staging.model()));
        }
        return switch (OutputFolder.look(staging)) {
            case OutputFolder.Vacant v -> moveModel();
            case OutputFolder.Published p when p.job().equals(job) && staging.inside() ->
                    moveModel();
            case OutputFolder.Published p -> moveAside("another merge result");
            case OutputFolder.OtherModel o -> moveAside("another model");
            case OutputFolder.Within(Path owner) ->
                    new Step.Blocked(
                            "%s lies in %s, which has become a job's own: move that away"
                                    .formatted(staging.output(), owner));
            case OutputFolder.Unnameable(Problem problem) ->
                    new Step.Blocked("%s: %s".formatted(problem.file(), problem.message()));
            case OutputFolder.Foreign f when isMovingAside() -> moveAside(f.description());
            case OutputFolder.Foreign f ->
                    new Step.Blocked(
                            "%s has become %s: move it away"
                                    .formatted(staging.output(), f.description()));
        };
    }

    /** The output is the whole result, and nothing is left to move. */
    private boolean isPublished() throws IOException {
        return OutputFolder.look(staging).isResultOf(job) && isEmpty(staging.model());
    }

    /** Only where files are moved one by one: the first is there, others are not. */
    private boolean isHalfMoved() throws IOException {
        return staging.inside()
                && OutputFolder.look(staging) instanceof OutputFolder.Published(var by, var whole)
                && by.equals(job);
    }

    private boolean isMovingAside() {
        return staging.inside() && overwrite && Files.exists(staging.replaced());
    }

    private Step moveAside(String what) throws IOException {
        if (!overwrite) {
            return new Step.Blocked(
                    "%s has become %s: move it away".formatted(staging.output(), what));
        }
        if (!staging.inside()) {
            DurableFiles.deleteTree(staging.replaced());
            DurableFiles.move(staging.output(), staging.replaced());
            return new Step.MovedAside();
        }
        DurableFiles.createFolder(staging.replaced());
        List<Path> configFirst =
                OutputFolder.entries(staging).stream()
                        .sorted(Comparator.comparing(path -> !isNamed(path, OutputFolder.CONFIG)))
                        .toList();
        for (Path entry : configFirst) {
            DurableFiles.move(entry, staging.replaced().resolve(entry.getFileName()));
        }
        return new Step.MovedAside();
    }

    private Step moveModel() throws IOException {
        if (!staging.inside()) {
            DurableFiles.move(staging.model(), staging.output());
            return new Step.Published();
        }
        for (Path file : inMovingOrder(staging.model())) {
            DurableFiles.move(file, staging.output().resolve(file.getFileName()));
        }
        return new Step.Published();
    }

    /** What names the job comes first, so that it is known whose the rest is; config.json last. */
    private static List<Path> inMovingOrder(Path model) throws IOException {
        try (Stream<Path> files = Files.list(model)) {
            return files.sorted(
                            Comparator.<Path, Boolean>comparing(
                                            file -> !isNamed(file, LineageFile.NAME))
                                    .thenComparing(file -> isNamed(file, OutputFolder.CONFIG))
                                    .thenComparing(Comparator.naturalOrder()))
                    .toList();
        }
    }

    private static void deleteStrangers(Path model, Set<String> expected) throws IOException {
        try (Stream<Path> files = Files.list(model)) {
            for (Path file : files.toList()) {
                if (!expected.contains(file.getFileName().toString())) {
                    DurableFiles.deleteTree(file);
                }
            }
        }
    }

    private static boolean isEmpty(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.findAny().isEmpty();
        } catch (NoSuchFileException e) {
            return true;
        }
    }

    private static boolean isNamed(Path path, String name) {
        return path.getFileName().toString().equals(name);
    }
}
