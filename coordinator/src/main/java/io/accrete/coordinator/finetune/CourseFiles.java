package io.accrete.coordinator.finetune;

import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;

import io.accrete.coordinator.drive.Desk;
import io.accrete.coordinator.drive.DriverInput;
import io.accrete.coordinator.job.TrainingState;
import io.accrete.protocol.train.Checkpoint;
import io.accrete.protocol.train.MetricsMark;

import java.util.List;
import java.util.function.Function;
import java.util.function.LongConsumer;

/**
 * The files of a training that its driver writes, and those that it deletes: one after the other,
 * and not on the thread of the actor.
 */
final class CourseFiles {
    private final Desk desk;
    private final MetricsLog metrics;

    CourseFiles(Desk desk) {
        this.desk = desk;
        this.metrics = new MetricsLog(desk.staging().metrics());
    }

    /** What comes in the file of metrics after so many bytes will be written again. */
    void cutTo(long bytes) {
        metrics.cutTo(bytes);
    }

    /**
     * Lines that come while others are written are written together.
     *
     * @param written told how many bytes the file has then
     */
    void write(String text, LongConsumer written) {
        if (metrics.add(text)) {
            desk.later(
                    metrics::write,
                    bytes -> {
                        written.accept(bytes);
                        return Behaviors.same();
                    },
                    failure -> desk.pauseFor(failure, "writing metrics.jsonl", 0));
        }
    }

    /** Whether the file of metrics is as another driver has left it. */
    void compare(MetricsMark left, Function<Boolean, Behavior<DriverInput>> then) {
        desk.later(
                () -> metrics.has(left),
                then,
                failure -> desk.pauseFor(failure, "reading metrics.jsonl", 0));
    }

    /**
     * @param then once metrics and checkpoint are on the disk
     */
    void commit(Checkpoint checkpoint, Function<Checkpoint, Behavior<DriverInput>> then) {
        desk.later(
                () -> {
                    metrics.sync();
                    return CheckpointFolders.durable(checkpoint);
                },
                then,
                failure -> desk.pauseFor(failure, "writing a checkpoint", 0));
    }

    /** All that was written is on the disk before anything else is done. */
    void sync() {
        desk.later(
                () -> {
                    metrics.sync();
                    return true;
                },
                _ -> Behaviors.same(),
                failure -> desk.pauseFor(failure, "writing metrics.jsonl", 0));
    }

    /** Nobody is told of a checkpoint that is being deleted. */
    void tidyUp(TrainingState now, List<String> dropped) {
        desk.later(
                () -> {
                    CheckpointFolders.tell(desk.staging(), now);
                    return CheckpointFolders.delete(dropped);
                },
                _ -> Behaviors.same(),
                this::stay);
    }

    /** What was saved in earlier rounds and is not journaled. */
    void discard(TrainingState now, long round) {
        List<String> kept = CheckpointFolders.of(now);
        desk.later(
                () -> CheckpointFolders.deleteOthers(desk.staging(), kept, round),
                _ -> Behaviors.same(),
                this::stay);
    }

    private Behavior<DriverInput> stay(Throwable failure) {
        desk.note("old checkpoints stay: " + Desk.sentence(failure));
        return Behaviors.same();
    }
}
