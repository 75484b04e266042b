package io.accrete.coordinator.merge;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;

import io.accrete.coordinator.job.Driver;
import io.accrete.coordinator.job.DriverMessage;
import io.accrete.coordinator.job.JobCommand;
import io.accrete.coordinator.job.JobState;
import io.accrete.coordinator.pool.TaskNotice;
import io.accrete.coordinator.pool.WorkerPool;
import io.accrete.protocol.job.ReasonCode;
import io.accrete.protocol.store.StorageFailure;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;

/** What the phases of one driver share: the job, the pool, and blocking work, one at a time. */
final class Desk {
    private final ActorContext<MergeDriver.Message> context;
    private final JobState job;
    private final int generation;
    private final ActorRef<Driver.Report> reports;
    private final ActorRef<WorkerPool.Command> pool;
    private final Staging staging;
    private final ActorRef<DriverMessage> answers;
    private final ActorRef<TaskNotice> notices;
    private final Executor blocking;
    private final long startNanos = System.nanoTime();
    private CompletionStage<?> lastWork = CompletableFuture.completedStage(null);

    /** Work that began in an earlier era has lost its meaning: the driver is ending. */
    private int era;

    Desk(
            ActorContext<MergeDriver.Message> context,
            Driver.Assignment assignment,
            ActorRef<WorkerPool.Command> pool,
            Staging staging) {
        this.context = context;
        this.job = assignment.state();
        this.generation = assignment.generation();
        this.reports = assignment.job();
        this.pool = pool;
        this.staging = staging;
        this.answers = context.messageAdapter(DriverMessage.class, MergeDriver.FromJob::new);
        this.notices = context.messageAdapter(TaskNotice.class, MergeDriver.FromPool::new);
        this.blocking = context.getSystem().dispatchers().lookup(DispatcherSelector.blocking());
    }

    /** As it stood when this driver began. */
    JobState job() {
        return job;
    }

    Staging staging() {
        return staging;
    }

    ActorRef<TaskNotice> notices() {
        return notices;
    }

    double seconds() {
        return (System.nanoTime() - startNanos) / 1e9;
    }

    void tellPool(WorkerPool.Command command) {
        pool.tell(command);
    }

    void report(JobCommand command) {
        reports.tell(new Driver.Report(generation, command, answers));
    }

    /** Work of one driver never overlaps: each piece starts when the one before has ended. */
    <T> void later(
            Callable<T> work,
            Function<T, Behavior<MergeDriver.Message>> then,
            Function<Throwable, Behavior<MergeDriver.Message>> otherwise) {
        CompletionStage<T> result = lastWork.handleAsync((value, failure) -> call(work), blocking);
        lastWork = result;
        int begunIn = era;
        context.pipeToSelf(
                result,
                (value, failure) ->
                        new MergeDriver.WorkDone(
                                () -> {
                                    if (begunIn != era) {
                                        return Behaviors.same();
                                    }
                                    return failure == null
                                            ? then.apply(value)
                                            : otherwise.apply(cause(failure));
                                }));
    }

    /** What every phase does with messages that are not its own. */
    Behavior<MergeDriver.Message> otherwise(MergeDriver.Message message) {
        return switch (message) {
            case MergeDriver.FromJob(DriverMessage.Describe(var view, var replyTo)) -> {
                pool.tell(new WorkerPool.Describe(view, replyTo));
                yield Behaviors.same();
            }
            case MergeDriver.FromJob(DriverMessage.Halt halt) -> {
                withdraw();
                yield Behaviors.stopped();
            }
            case MergeDriver.FromJob(DriverMessage.Cancel cancel) -> cancel();
            case MergeDriver.FromJob(DriverMessage.Refused(var command, String sentence)) -> {
                context.getLog().info("job {}: {}", job.id(), sentence);
                yield Behaviors.same();
            }
            case MergeDriver.FromJob(DriverMessage.Recorded recorded) -> Behaviors.same();
            case MergeDriver.FromPool(TaskNotice notice) -> Behaviors.same();
            case MergeDriver.WorkDone done -> done.then().go();
        };
    }

    Behavior<MergeDriver.Message> cancel() {
        withdraw();
        return cleanUp(
                () -> {
                    report(new JobCommand.ConfirmCancelled());
                    return Behaviors.stopped();
                });
    }

    /** Ends the job without a result; what it wrote is of no use to anybody. */
    Behavior<MergeDriver.Message> fail(JobCommand.Fail command) {
        withdraw();
        report(command);
        return Behaviors.receiveMessage(
                message ->
                        switch (message) {
                            case MergeDriver.FromJob(DriverMessage.Recorded recorded) ->
                                    cleanUp(Behaviors::stopped);
                            case MergeDriver.FromJob other -> otherwise(other);
                            case MergeDriver.FromPool other -> otherwise(other);
                            case MergeDriver.WorkDone stale -> otherwise(stale);
                        });
    }

    /** Ends this run; what it wrote is kept. */
    Behavior<MergeDriver.Message> pause(ReasonCode code, String reason) {
        withdraw();
        report(new JobCommand.Pause(code, reason));
        return Behaviors.receiveMessage(this::otherwise);
    }

    /** Reading or writing failed: said with what is free, since that is the usual cause. */
    Behavior<MergeDriver.Message> pauseFor(Throwable failure, String doing, long bytesNeeded) {
        context.getLog().warn("job {}: {} failed", job.id(), doing, failure);
        return StorageFailure.isFullDisk(failure, staging.root(), bytesNeeded)
                ? pause(
                        ReasonCode.DISK_FULL,
                        OutputRoom.sentence(staging, bytesNeeded, failure.getMessage()))
                : pause(ReasonCode.INTERNAL, "%s failed: %s".formatted(doing, sentence(failure)));
    }

    static String sentence(Throwable failure) {
        return failure instanceof IOException refused
                ? StorageFailure.sentence(refused)
                : failure.toString();
    }

    private void withdraw() {
        era++;
        pool.tell(new WorkerPool.Withdraw(job.id(), notices));
    }

    /** Deletes what the job wrote beside its output; others may have their files there too. */
    Behavior<MergeDriver.Message> cleanUp(MergeDriver.Continuation then) {
        later(
                () -> {
                    for (var path : List.of(staging.tmp(), staging.model(), staging.plan())) {
                        DurableFiles.deleteTree(path);
                    }
                    DurableFiles.deleteIfEmpty(staging.root());
                    return true;
                },
                done -> then.go(),
                failure -> {
                    context.getLog().warn("job {}: cleaning up failed", job.id(), failure);
                    return then.go();
                });
        return Behaviors.receiveMessage(this::otherwise);
    }

    private static <T> T call(Callable<T> work) {
        try {
            return work.call();
        } catch (Exception e) {
            throw new CompletionException(e);
        }
    }

    private static Throwable cause(Throwable failure) {
        Throwable cause = failure.getCause();
        return failure instanceof CompletionException && cause != null ? cause : failure;
    }
}
