package io.accrete.coordinator.drive;

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
import io.accrete.protocol.job.LogFields;
import io.accrete.protocol.job.ReasonCode;
import io.accrete.protocol.store.StorageFailure;
import io.accrete.protocol.wire.StageAnswer;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;

/** What the phases of one driver share: the job, the pool, and blocking work, one at a time. */
public final class Desk {
    private final ActorContext<DriverInput> context;
    private final JobState job;
    private final int generation;
    private final ActorRef<Driver.Report> reports;
    private final ActorRef<WorkerPool.Command> pool;
    private final Staging staging;
    private final JobFolders allowed;
    private final ActorRef<DriverMessage> answers;
    private final ActorRef<TaskNotice> notices;
    private final ActorRef<StageAnswer> stages;
    private final Executor blocking;
    private final long startNanos = System.nanoTime();
    private CompletionStage<?> lastWork = CompletableFuture.completedStage(null);

    /** Work that began in an earlier era has lost its meaning: the driver is ending. */
    private int era;

    public Desk(
            ActorContext<DriverInput> context,
            Driver.Assignment assignment,
            ActorRef<WorkerPool.Command> pool) {
        this.context = context;
        this.job = assignment.state();
        this.generation = assignment.generation();
        this.reports = assignment.job();
        this.pool = pool;
        this.staging = staging(job);
        this.allowed = JobFolders.of(job.spec().options());
        this.answers = context.messageAdapter(DriverMessage.class, DriverInput.FromJob::new);
        this.notices = context.messageAdapter(TaskNotice.class, DriverInput.FromPool::new);
        this.stages = context.messageAdapter(StageAnswer.class, DriverInput.FromStages::new);
        context.getLog().info("job {} is {}", job.id(), job.phase());
        this.blocking = context.getSystem().dispatchers().lookup(DispatcherSelector.blocking());
    }

    /** The behaviour of a driver, whose lines in the log say which job they are about. */
    public static Behavior<DriverInput> logged(
            Driver.Assignment assignment,
            akka.japi.function.Function<ActorContext<DriverInput>, Behavior<DriverInput>> setup) {
        return Behaviors.withMdc(
                DriverInput.class,
                Map.of(LogFields.JOB, assignment.state().id()),
                Behaviors.setup(setup));
    }

    private static Staging staging(JobState job) {
        try {
            return Staging.of(Path.of(job.spec().output()));
        } catch (IOException e) {
            throw new IllegalStateException(
                    "%s: cannot tell where to work: %s"
                            .formatted(job.spec().output(), e.getMessage()),
                    e);
        }
    }

    /** As it stood when this driver began. */
    public JobState job() {
        return job;
    }

    public Staging staging() {
        return staging;
    }

    /** Where stages of a training answer to. */
    public ActorRef<StageAnswer> stages() {
        return stages;
    }

    public ActorRef<TaskNotice> notices() {
        return notices;
    }

    public double seconds() {
        return (System.nanoTime() - startNanos) / 1e9;
    }

    public void tellPool(WorkerPool.Command command) {
        pool.tell(command);
    }

    public void report(JobCommand command) {
        reports.tell(new Driver.Report(generation, command, answers));
    }

    /** Reports something, and goes on once it is journaled. */
    public Behavior<DriverInput> report(
            JobCommand command, Function<JobState, Behavior<DriverInput>> then) {
        report(command);
        return Behaviors.receiveMessage(
                message ->
                        message
                                                instanceof
                                                DriverInput.FromJob(
                                                        DriverMessage.Recorded(
                                                                JobCommand recorded,
                                                                JobState state))
                                        && recorded.equals(command)
                                ? then.apply(state)
                                : otherwise(message));
    }

    /** Work of one driver never overlaps: each piece starts when the one before has ended. */
    public <T> void later(
            Callable<T> work,
            Function<T, Behavior<DriverInput>> then,
            Function<Throwable, Behavior<DriverInput>> otherwise) {
        CompletionStage<T> result = lastWork.handleAsync((value, failure) -> call(work), blocking);
        lastWork = result;
        answered(result, then, otherwise);
    }

    /** Goes on once somebody else has answered. */
    public <T> void answered(
            CompletionStage<T> answer,
            Function<T, Behavior<DriverInput>> then,
            Function<Throwable, Behavior<DriverInput>> otherwise) {
        int begunIn = era;
        context.pipeToSelf(
                answer,
                (value, failure) ->
                        new DriverInput.WorkDone(
                                () -> {
                                    if (begunIn != era) {
                                        return Behaviors.same();
                                    }
                                    return failure == null
                                            ? then.apply(value)
                                            : otherwise.apply(cause(failure));
                                }));
    }

    /** Does it again and again, as long as this run goes on. */
    public void repeat(Duration every, DriverInput.Continuation what) {
        after(
                every,
                () -> {
                    repeat(every, what);
                    return what.go();
                });
    }

    /** Does it once, if this run still goes on then. */
    public void after(Duration time, DriverInput.Continuation what) {
        int begunIn = era;
        context.scheduleOnce(
                time,
                context.getSelf(),
                new DriverInput.WorkDone(() -> begunIn == era ? what.go() : Behaviors.same()));
    }

    /** For whoever reads the log. */
    public void note(String sentence) {
        context.getLog().info("job {}: {}", job.id(), sentence);
    }

    /** What every phase does with messages that are not its own. */
    public Behavior<DriverInput> otherwise(DriverInput message) {
        return switch (message) {
            case DriverInput.FromJob(DriverMessage.Describe(var view, var replyTo)) -> {
                pool.tell(new WorkerPool.Describe(view, replyTo));
                yield Behaviors.same();
            }
            case DriverInput.FromJob(DriverMessage.Halt halt) -> {
                withdraw();
                yield Behaviors.stopped();
            }
            case DriverInput.FromJob(DriverMessage.Cancel cancel) -> cancel();
            case DriverInput.FromJob(DriverMessage.Refused(var command, String sentence)) -> {
                context.getLog().info("job {}: {}", job.id(), sentence);
                yield Behaviors.same();
            }
            case DriverInput.FromJob(DriverMessage.Recorded recorded) -> Behaviors.same();
            case DriverInput.FromPool(TaskNotice notice) -> Behaviors.same();
            case DriverInput.FromStages(StageAnswer report) -> Behaviors.same();
            case DriverInput.WorkDone done -> done.then().go();
        };
    }

    /**
     * Asked before anything is touched.
     *
     * @return what to do where a link on the way to the output has been changed since the job came,
     *     and leads out of the folders that jobs may use
     */
    public Optional<Behavior<DriverInput>> barred() {
        if (isInPlace()) {
            return Optional.empty();
        }
        String sentence =
                "%s leads out of the folders that jobs may use: a link on its way was changed"
                        .formatted(staging.output());
        return Optional.of(
                switch (job.phase()) {
                    case PLANNING ->
                            fail(new JobCommand.Fail(ReasonCode.PLAN_REFUSED, sentence, List.of()));
                    case CANCELLING -> cancel();
                    default ->
                            pause(
                                    ReasonCode.PLAN_REFUSED,
                                    sentence + "; put it back, and resume the job");
                });
    }

    private boolean isInPlace() {
        return allowed.have(staging.output());
    }

    public JobFolders allowed() {
        return allowed;
    }

    public Behavior<DriverInput> cancel() {
        withdraw();
        return cleanUp(
                () -> {
                    report(new JobCommand.ConfirmCancelled());
                    return Behaviors.stopped();
                });
    }

    /** Ends the job without a result; what it wrote is of no use to anybody. */
    public Behavior<DriverInput> fail(JobCommand.Fail command) {
        withdraw();
        context.getLog().warn("job {} fails: {}", job.id(), command.reason());
        report(command);
        return Behaviors.receiveMessage(
                message ->
                        switch (message) {
                            case DriverInput.FromJob(DriverMessage.Recorded recorded) ->
                                    cleanUp(Behaviors::stopped);
                            case DriverInput.FromJob other -> otherwise(other);
                            case DriverInput.FromPool other -> otherwise(other);
                            case DriverInput.FromStages other -> otherwise(other);
                            case DriverInput.WorkDone stale -> otherwise(stale);
                        });
    }

    /** Ends this run; what it wrote is kept. */
    public Behavior<DriverInput> pause(ReasonCode code, String reason) {
        withdraw();
        context.getLog().warn("job {} pauses: {}", job.id(), reason);
        report(new JobCommand.Pause(code, reason));
        return Behaviors.receiveMessage(this::otherwise);
    }

    /** Reading or writing failed: said with what is free, since that is the usual cause. */
    public Behavior<DriverInput> pauseFor(Throwable failure, String doing, long bytesNeeded) {
        context.getLog().warn("job {}: {} failed", job.id(), doing, failure);
        return StorageFailure.isFullDisk(failure, staging.root(), bytesNeeded)
                ? pause(
                        ReasonCode.DISK_FULL,
                        OutputRoom.sentence(staging, bytesNeeded, failure.getMessage()))
                : pause(ReasonCode.INTERNAL, "%s failed: %s".formatted(doing, sentence(failure)));
    }

    public static String sentence(Throwable failure) {
        return failure instanceof IOException refused
                ? StorageFailure.sentence(refused)
                : failure.toString();
    }

    private void withdraw() {
        era++;
        pool.tell(new WorkerPool.Withdraw(job.id(), notices));
    }

    /** Deletes what the job wrote beside its output; others may have their files there too. */
    public Behavior<DriverInput> cleanUp(DriverInput.Continuation then) {
        later(
                () -> {
                    if (isInPlace()) {
                        for (var path : staging.work()) {
                            DurableFiles.deleteTree(path);
                        }
                        DurableFiles.deleteIfEmpty(staging.root());
                    }
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
