package io.accrete.local;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;

import io.accrete.coordinator.merge.DurableFiles;
import io.accrete.coordinator.merge.Staging;
import io.accrete.worker.train.Checkpoint;
import io.accrete.worker.train.CheckpointPart;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The staging folder of a training: what job works there, its checkpoints, its metrics. */
final class TrainFolder {
    private static final String STATE = "state.json";
    private static final String DRAFT = "draft";
    private static final String STEP = "step-";

    private static final ObjectMapper JSON =
            JsonMapper.builder()
                    .addModule(new Jdk8Module())
                    .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                    .build();

    private final Staging staging;

    TrainFolder(Staging staging) {
        this.staging = staging;
    }

    /**
     * What a checkpoint knows beside weights and moments.
     *
     * @param step the last one that it includes
     * @param tokens scored so far
     * @param metricsBytes of the file of metrics at that moment
     * @param validationBefore loss before the first step, if there is a validation
     * @param lastValidation loss at the latest validation
     */
    record State(
            int step,
            long tokens,
            double loss,
            long metricsBytes,
            Optional<Double> validationBefore,
            Optional<Double> lastValidation,
            List<CheckpointPart> parts) {}

    /** A state and where its files are. */
    record Saved(State state, Checkpoint checkpoint) {}

    Path metrics() {
        return staging.root().resolve("metrics.jsonl");
    }

    private Path job() {
        return staging.root().resolve("train.digest");
    }

    private Path checkpoints() {
        return staging.root().resolve("checkpoints");
    }

    /** The digest of the job that works here, if one does. */
    Optional<String> owner() throws IOException {
        return Files.exists(job())
                ? Optional.of(Files.readString(job()).strip())
                : Optional.empty();
    }

    void own(String digest) throws IOException {
        DurableFiles.createFolder(checkpoints());
        DurableFiles.write(job(), (digest + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /** An empty folder for the parts of the next checkpoint. */
    Path draft() throws IOException {
        Path draft = checkpoints().resolve(DRAFT);
        DurableFiles.deleteTree(draft);
        DurableFiles.createFolder(draft);
        return draft;
    }

    /** Makes the draft the checkpoint of its step, and lets older ones go. */
    void commit(State state, int keep) throws IOException {
        Path draft = checkpoints().resolve(DRAFT);
        DurableFiles.write(draft.resolve(STATE), JSON.writeValueAsBytes(state));
        Path place = checkpoints().resolve(STEP + "%09d".formatted(state.step()));
        DurableFiles.deleteTree(place);
        DurableFiles.move(draft, place);
        List<Path> all = all();
        for (Path old : all.subList(Math.min(keep, all.size()), all.size())) {
            DurableFiles.deleteTree(old);
        }
    }

    /**
     * The latest checkpoint that is whole.
     *
     * @param damaged is told of each later one that is not
     */
    Optional<Saved> latest(Consumer<String> damaged) throws IOException {
        for (Path place : all()) {
            State state = JSON.readValue(place.resolve(STATE).toFile(), State.class);
            Checkpoint checkpoint = new Checkpoint(place, state.parts());
            Optional<String> damage = checkpoint.damage();
            if (damage.isEmpty()) {
                return Optional.of(new Saved(state, checkpoint));
            }
            damaged.accept(damage.get() + "; going on from the checkpoint before it");
        }
        return Optional.empty();
    }

    /** Newest first. */
    private List<Path> all() throws IOException {
        if (!Files.isDirectory(checkpoints())) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(checkpoints())) {
            List<Path> all =
                    new ArrayList<>(
                            entries.filter(e -> e.getFileName().toString().startsWith(STEP))
                                    .toList());
            all.sort(Comparator.reverseOrder());
            return all;
        }
    }
}
