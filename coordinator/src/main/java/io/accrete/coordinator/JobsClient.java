package io.accrete.coordinator;

import akka.Done;
import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.AskPattern;

import io.accrete.coordinator.job.Directory;
import io.accrete.coordinator.job.Figures;
import io.accrete.coordinator.job.JobCommand;
import io.accrete.coordinator.job.JobQuery;
import io.accrete.coordinator.job.JobReply;
import io.accrete.coordinator.job.Jobs;
import io.accrete.coordinator.job.JobsException;
import io.accrete.coordinator.job.JobsException.Kind;
import io.accrete.coordinator.job.ListReply;
import io.accrete.coordinator.pool.WorkerPool;
import io.accrete.protocol.job.JobSpec;
import io.accrete.protocol.job.JobView;
import io.accrete.protocol.job.WorkerView;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/** {@link Jobs} of a coordinator, in this process or on the node that has it. */
public final class JobsClient implements Jobs {
    private final ActorRef<CoordinatorGuardian.Command> coordinator;
    private final ActorSystem<?> system;
    private final CoordinatorSettings settings;

    private JobsClient(
            ActorRef<CoordinatorGuardian.Command> coordinator,
            ActorSystem<?> system,
            CoordinatorSettings settings) {
        this.coordinator = coordinator;
        this.system = system;
        this.settings = settings;
    }

    public static JobsClient of(
            ActorRef<CoordinatorGuardian.Command> coordinator,
            ActorSystem<?> system,
            CoordinatorSettings settings) {
        return new JobsClient(coordinator, system, settings);
    }

    @Override
    public CompletionStage<JobView> submit(JobSpec spec, String idempotencyKey, String user) {
        long bytes = spec.recipe().getBytes(StandardCharsets.UTF_8).length;
        if (bytes > settings.recipeBytesMax()) {
            return CompletableFuture.failedStage(
                    new JobsException(
                            Kind.REFUSED,
                            String.format(
                                    Locale.ROOT,
                                    "%s has %,d bytes; a recipe has at most %,d",
                                    spec.recipeFile(),
                                    bytes,
                                    settings.recipeBytesMax()),
                            null));
        }
        // Its key makes it the same job, however often it is asked for.
        return change(
                askAgain(replyTo -> new Directory.Submit(spec, idempotencyKey, user, replyTo)));
    }

    @Override
    public CompletionStage<Optional<JobView>> view(String job) {
        CompletionStage<Directory.Found> answer =
                askAgain(replyTo -> new Directory.View(job, replyTo));
        return answer.thenApply(Directory.Found::job);
    }

    /** The view of a job that there is not; who looks whether a node is ready looks again soon. */
    @Override
    public CompletionStage<Done> presence() {
        CompletionStage<Directory.Found> answer =
                askOnce(
                        replyTo ->
                                new CoordinatorGuardian.Forward(
                                        new Directory.View("none", replyTo)),
                        settings.viewTimeout());
        return answer.thenApply(_ -> Done.getInstance());
    }

    @Override
    public CompletionStage<ListReply> list(JobQuery query) {
        return askAgain(replyTo -> new Directory.ListJobs(query, replyTo));
    }

    @Override
    public CompletionStage<Figures> figures() {
        CompletionStage<Directory.Measured> jobs =
                askOnce(
                        replyTo -> new CoordinatorGuardian.Forward(new Directory.Measure(replyTo)),
                        settings.viewTimeout());
        CompletionStage<WorkerPool.Measured> pool =
                askOnce(CoordinatorGuardian.MeasurePool::new, settings.viewTimeout());
        return jobs.thenCombine(pool, (a, b) -> new Figures(a.figures(), b.figures()));
    }

    @Override
    public CompletionStage<JobView> pause(String job) {
        return steer(job, Directory.Verb.PAUSE);
    }

    @Override
    public CompletionStage<JobView> resume(String job) {
        return steer(job, Directory.Verb.RESUME);
    }

    @Override
    public CompletionStage<JobView> cancel(String job) {
        return steer(job, Directory.Verb.CANCEL);
    }

    @Override
    public CompletionStage<JobView> rollBack(String job, int step) {
        return change(ask(replyTo -> new Directory.RollBack(job, step, replyTo)));
    }

    @Override
    public CompletionStage<JobView> recut(String job, JobCommand.Recut recut) {
        return change(ask(replyTo -> new Directory.Recut(job, recut, replyTo)));
    }

    @Override
    public CompletionStage<List<WorkerView>> workers() {
        CompletionStage<WorkerPool.Workers> answer =
                askCoordinatorAgain(CoordinatorGuardian.ListWorkers::new);
        return answer.thenApply(WorkerPool.Workers::workers);
    }

    @Override
    public CompletionStage<WorkerView> drain(String worker) {
        CompletionStage<WorkerPool.Workers> answer =
                askCoordinator(replyTo -> new CoordinatorGuardian.Drain(worker, replyTo));
        return answer.thenApply(
                all ->
                        all.workers().stream()
                                .filter(one -> one.worker().equals(worker))
                                .findFirst()
                                .orElseThrow(
                                        () ->
                                                new JobsException(
                                                        Kind.MISSING,
                                                        "there is no worker " + worker,
                                                        null)));
    }

    @Override
    public CompletionStage<String> delete(String job) {
        CompletionStage<JobReply> reply = ask(replyTo -> new Directory.Delete(job, replyTo));
        return reply.thenApply(
                answer ->
                        switch (answer) {
                            case JobReply.Deleted(String deleted) -> deleted;
                            case JobReply.Done done -> throw unexpected(done);
                            case JobReply.Refused refused -> throw refused(refused);
                            case JobReply.Missing missing ->
                                    throw JobsException.noSuchJob(missing.job());
                        });
    }

    /** Who is steered the same way twice is so once. */
    private CompletionStage<JobView> steer(String job, Directory.Verb verb) {
        return change(askAgain(replyTo -> new Directory.Steer(job, verb, replyTo)));
    }

    private static CompletionStage<JobView> change(CompletionStage<JobReply> reply) {
        return reply.thenApply(
                answer ->
                        switch (answer) {
                            case JobReply.Done(JobView view) -> view;
                            case JobReply.Deleted deleted -> throw unexpected(deleted);
                            case JobReply.Refused refused -> throw refused(refused);
                            case JobReply.Missing missing ->
                                    throw JobsException.noSuchJob(missing.job());
                        });
    }

    private static JobsException refused(JobReply.Refused refused) {
        return new JobsException(Kind.REFUSED, refused.sentence(), null);
    }

    private static IllegalStateException unexpected(JobReply reply) {
        return new IllegalStateException("an answer to something else: " + reply);
    }

    private <R> CompletionStage<R> ask(Function<ActorRef<R>, Directory.Request> request) {
        return askCoordinator(replyTo -> new CoordinatorGuardian.Forward(request.apply(replyTo)));
    }

    /**
     * For what may be asked twice: a question that is lost with the node of a coordinator is asked
     * of the next one, before whoever waits for the answer gives up.
     */
    private <R> CompletionStage<R> askAgain(Function<ActorRef<R>, Directory.Request> request) {
        return askCoordinatorAgain(
                replyTo -> new CoordinatorGuardian.Forward(request.apply(replyTo)));
    }

    private <R> CompletionStage<R> askCoordinatorAgain(
            akka.japi.function.Function<ActorRef<R>, CoordinatorGuardian.Command> request) {
        return ask(request, settings.answerTimeout(), settings.askAgainAfter());
    }

    private <R> CompletionStage<R> askCoordinator(
            akka.japi.function.Function<ActorRef<R>, CoordinatorGuardian.Command> request) {
        return askOnce(request, settings.answerTimeout());
    }

    private <R> CompletionStage<R> askOnce(
            akka.japi.function.Function<ActorRef<R>, CoordinatorGuardian.Command> request,
            Duration timeout) {
        return ask(request, timeout, timeout);
    }

    private <R> CompletionStage<R> ask(
            akka.japi.function.Function<ActorRef<R>, CoordinatorGuardian.Command> request,
            Duration timeout,
            Duration again) {
        CompletableFuture<R> answer = new CompletableFuture<>();
        askUntil(System.nanoTime() + timeout.toNanos(), again, request, answer);
        return answer.orTimeout(timeout.toNanos(), TimeUnit.NANOSECONDS)
                .exceptionallyCompose(
                        failure ->
                                CompletableFuture.failedStage(
                                        withReason(
                                                failure instanceof CompletionException
                                                                && failure.getCause() != null
                                                        ? failure.getCause()
                                                        : failure,
                                                timeout)));
    }

    /**
     * Whoever takes over is asked soon, however long that took. Earlier questions stay open: a slow
     * answer to one of them is as good.
     */
    private <R> void askUntil(
            long deadlineNanos,
            Duration again,
            akka.japi.function.Function<ActorRef<R>, CoordinatorGuardian.Command> request,
            CompletableFuture<R> answer) {
        Duration left = Duration.ofNanos(deadlineNanos - System.nanoTime());
        if (answer.isDone() || !left.isPositive()) {
            return;
        }
        AskPattern.ask(coordinator, request, left, system.scheduler())
                .whenComplete(
                        (reply, failure) -> {
                            if (failure == null) {
                                answer.complete(reply);
                            } else if (!(failure instanceof TimeoutException)) {
                                answer.completeExceptionally(failure);
                            }
                        });
        if (again.compareTo(left) < 0) {
            system.scheduler()
                    .scheduleOnce(
                            again,
                            () -> askUntil(deadlineNanos, again, request, answer),
                            system.executionContext());
        }
    }

    private static Throwable withReason(Throwable failure, Duration timeout) {
        return failure instanceof TimeoutException
                ? new JobsException(
                        Kind.AWAY,
                        "the coordinator did not answer within %d s: its node may be gone, which"
                                        .formatted(timeout.toSeconds())
                                + " another takes the place of soon; if it stays, its journal"
                                + " cannot be written, and the log says why",
                        failure)
                : failure;
    }
}
