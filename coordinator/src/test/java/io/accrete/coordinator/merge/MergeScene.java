package io.accrete.coordinator.merge;

import io.accrete.coordinator.drive.Staging;
import io.accrete.protocol.job.JobSpec;
import io.accrete.protocol.job.JobView;
import io.accrete.protocol.job.MergeOptions;
import io.accrete.protocol.job.MergeSummary;
import io.accrete.protocol.merge.MergePlan;
import io.accrete.protocol.wire.TaskFailure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A folder with a source, and the output that a job is to make of it. */
final class MergeScene {
    static final int SHARDS = 6;
    static final StandInWorker.Script WRITES = task -> new StandInWorker.Deed.Write();
    static final StandInWorker.Script IGNORES = task -> new StandInWorker.Deed.Ignore();
    static final StandInWorker.Script DIES = task -> new StandInWorker.Deed.Die();

    final Path output;
    final Path source;
    final Staging staging;

    private MergeScene(Path output, Path source, Staging staging) {
        this.output = output;
        this.source = source;
        this.staging = staging;
    }

    static MergeScene in(Path folder) throws IOException {
        Path output = folder.resolve("out");
        return new MergeScene(output, SmallPlan.source(folder, SHARDS), Staging.of(output));
    }

    /** So that its size shows it. */
    void changeSource() {
        try {
            Files.write(source, new byte[8], StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes the first shards and fails at all others. */
    static StandInWorker.Script writesBelow(int shard, TaskFailure.Kind kind) {
        return task ->
                task.shard() < shard
                        ? new StandInWorker.Deed.Write()
                        : new StandInWorker.Deed.Fail(
                                new TaskFailure(kind, "No space left on device"));
    }

    /** Writes the first shards and is silent about all others. */
    static StandInWorker.Script stallsAt(int shard) {
        return task ->
                task.shard() < shard
                        ? new StandInWorker.Deed.Write()
                        : new StandInWorker.Deed.Ignore();
    }

    RunningCoordinator start() throws IOException {
        return start(SmallPlan::copies);
    }

    RunningCoordinator start(PlanMaker maker) throws IOException {
        return RunningCoordinator.start(
                staging.journal(),
                spec -> {
                    try {
                        return new Planner.Outcome(Optional.of(maker.make(source)), List.of());
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
    }

    JobSpec spec() {
        return SmallPlan.spec(output, "recipe: 1");
    }

    JobSpec spec(MergeOptions options) {
        return SmallPlan.spec(output, "recipe: 1", options);
    }

    List<String> published() throws IOException {
        return names(output);
    }

    static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @FunctionalInterface
    interface PlanMaker {
        MergePlan make(Path source) throws IOException;
    }

    static MergeSummary summary(JobView view) {
        return (MergeSummary) view.result().orElseThrow();
    }
}
