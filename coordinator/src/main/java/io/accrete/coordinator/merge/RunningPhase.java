package io.accrete.coordinator.merge;

import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;

import io.accrete.coordinator.drive.Desk;
import io.accrete.coordinator.drive.DriverInput;
import io.accrete.coordinator.drive.DurableFiles;
import io.accrete.coordinator.drive.OutputRoom;
import io.accrete.coordinator.job.DriverMessage;
import io.accrete.coordinator.job.JobCommand;
import io.accrete.coordinator.job.JobState;
import io.accrete.coordinator.pool.JobOffer;
import io.accrete.coordinator.pool.TaskNotice;
import io.accrete.coordinator.pool.WorkerPool;
import io.accrete.protocol.job.JobEvent;
import io.accrete.protocol.job.Quantity;
import io.accrete.protocol.job.ReasonCode;
import io.accrete.protocol.merge.ShardTask;
import io.accrete.protocol.wire.Epoch;
import io.accrete.protocol.wire.TaskFailure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Offers the tasks, and takes what workers finish: file moved, receipt journaled, lease settled.
 */
final class RunningPhase {
    private final Desk desk;
    private final String program;
    private final JobEvent.Planned planned;
    private final Map<Integer, Epoch> settling = new HashMap<>();
    private MergeProgress progress;
    private Optional<String> numericClass;

    private RunningPhase(Desk desk, MergeProgress progress, JobState job, String program) {
        this.desk = desk;
        this.progress = progress;
        this.program = program;
        this.planned = job.plan().orElseThrow();
        this.numericClass = job.numericClass();
    }

    static Behavior<DriverInput> begin(
            Desk desk, MergeProgress progress, JobState job, String program) {
        RunningPhase phase = new RunningPhase(desk, progress, job, program);
        return phase.offerRemaining();
    }

    private Behavior<DriverInput> offerRemaining() {
        if (progress.isComplete()) {
            return PublishingPhase.verify(desk, progress, numericClass, program);
        }
        desk.tellPool(
                new WorkerPool.Offer(
                        new JobOffer(
                                desk.job().id(),
                                planned.file(),
                                planned.sha256(),
                                new JobOffer.Kind.Shards(
                                        desk.staging().tmp().toString(),
                                        desk.job().spec().options().copies()),
                                numericClass,
                                progress.remaining()),
                        desk.notices()));
        return Behaviors.receiveMessage(this::on);
    }

    private Behavior<DriverInput> on(DriverInput message) {
        return switch (message) {
            case DriverInput.FromPool(TaskNotice notice) -> noticed(notice);
            case DriverInput.FromJob(DriverMessage.Recorded(var command, var job)) ->
                    recorded(command, job);
            case DriverInput.FromJob(DriverMessage.Refused(var command, String sentence))
                    when command instanceof JobCommand.ReceiveShard received -> {
                reject(received.receipt().shard(), sentence);
                yield desk.otherwise(message);
            }
            case DriverInput.FromJob other -> desk.otherwise(other);
            case DriverInput.FromStages other -> desk.otherwise(other);
            case DriverInput.WorkDone done -> desk.otherwise(done);
        };
    }

    private Behavior<DriverInput> noticed(TaskNotice notice) {
        return switch (notice) {
            case TaskNotice.Finished finished -> {
                settling.put(finished.shard(), finished.epoch());
                desk.later(
                        () -> take(finished),
                        done -> {
                            desk.report(
                                    new JobCommand.ReceiveShard(
                                            finished.receipt(),
                                            finished.worker(),
                                            finished.numericClass()));
                            return Behaviors.same();
                        },
                        failure -> {
                            reject(finished.shard(), Desk.sentence(failure));
                            return Behaviors.same();
                        });
                yield Behaviors.same();
            }
            case TaskNotice.GivenUp givenUp -> giveUp(givenUp);
            case TaskNotice.StagesLost _, TaskNotice.Hands _ ->
                    Behaviors.same(); // a merge has none
            case TaskNotice.ClassMissing(String missing) -> {
                List<Integer> lost = progress.computedShards();
                desk.report(
                        new JobCommand.TakeStock(
                                lost,
                                progress.receipts().size() - lost.size(),
                                "no worker of numeric class %s is there; computed again in another: %s"
                                        .formatted(missing, Quantity.of(lost.size(), "shard"))));
                yield Behaviors.same();
            }
        };
    }

    /** Moves what a worker wrote to where it counts. */
    private Path take(TaskNotice.Finished finished) throws IOException {
        ShardTask task = progress.plan().shards().get(finished.shard());
        Path written = Path.of(finished.target());
        long bytes = Files.size(written);
        if (bytes != task.bytes() || finished.receipt().bytes() != task.bytes()) {
            throw new IOException(
                    "%s has %d bytes, its receipt says %d, the plan %d"
                            .formatted(written, bytes, finished.receipt().bytes(), task.bytes()));
        }
        Path shard = desk.staging().shard(task.file());
        DurableFiles.move(written, shard);
        return shard;
    }

    private Behavior<DriverInput> recorded(JobCommand command, JobState job) {
        if (command instanceof JobCommand.ReceiveShard(var receipt, var worker, var computedIn)) {
            progress = progress.with(receipt);
            numericClass = job.numericClass();
            Epoch epoch = settling.remove(receipt.shard());
            if (epoch != null) {
                desk.tellPool(new WorkerPool.Settle(epoch));
            }
            return progress.isComplete()
                    ? PublishingPhase.verify(desk, progress, numericClass, program)
                    : Behaviors.same();
        }
        if (command instanceof JobCommand.TakeStock stock) {
            progress = progress.without(stock.lost());
            numericClass = job.numericClass();
            settling.clear();
            return offerRemaining();
        }
        return Behaviors.same();
    }

    private void reject(int shard, String sentence) {
        Epoch epoch = settling.remove(shard);
        if (epoch != null) {
            desk.tellPool(
                    new WorkerPool.Reject(epoch, new TaskFailure(TaskFailure.Kind.IO, sentence)));
        }
    }

    /** Whether the sources have changed, or only one worker sees others than everybody else. */
    private Behavior<DriverInput> lookAtSources(TaskNotice.GivenUp givenUp) {
        String message = givenUp.failure().message();
        desk.later(
                () -> SourceCheck.of(progress.plan()),
                sources -> {
                    if (!sources.isUnchanged()) {
                        return sourcesChanged(message);
                    }
                    desk.tellPool(
                            new WorkerPool.LeaveOut(
                                    desk.job().id(),
                                    givenUp.shard(),
                                    givenUp.worker(),
                                    new TaskFailure(
                                            TaskFailure.Kind.UNABLE,
                                            "it sees other files than the coordinator: "
                                                    + message)));
                    return Behaviors.same();
                },
                failure -> sourcesChanged(message));
        return Behaviors.same();
    }

    private Behavior<DriverInput> sourcesChanged(String message) {
        return desk.fail(
                new JobCommand.Fail(
                        ReasonCode.SOURCE_CHANGED,
                        message + ". Run the command again to merge what is there now",
                        List.of()));
    }

    private Behavior<DriverInput> giveUp(TaskNotice.GivenUp givenUp) {
        String message = givenUp.failure().message();
        return switch (givenUp.failure().kind()) {
            case SOURCE_CHANGED -> lookAtSources(givenUp);
            case DISK_FULL ->
                    desk.pause(
                            ReasonCode.DISK_FULL,
                            OutputRoom.sentence(
                                    desk.staging(), progress.bytesRemaining(), message));
            case UNABLE ->
                    desk.pause(
                            ReasonCode.TASK_FAILED,
                            "no worker can write shard %s: %s. What is done is kept"
                                    .formatted(givenUp.file(), message));
            case IO, INTERNAL, ABANDONED ->
                    desk.pause(
                            ReasonCode.TASK_FAILED,
                            "shard %s failed %d times, last: %s. What is done is kept"
                                    .formatted(givenUp.file(), givenUp.attempts(), message));
        };
    }
}
