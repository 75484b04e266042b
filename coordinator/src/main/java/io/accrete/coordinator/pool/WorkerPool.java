package io.accrete.coordinator.pool;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.TimerScheduler;
import akka.actor.typed.receptionist.Receptionist;

import io.accrete.protocol.job.JobView;
import io.accrete.protocol.job.JobView.RunningTask;
import io.accrete.protocol.job.LogFields;
import io.accrete.protocol.job.PoolFigures;
import io.accrete.protocol.job.Progress;
import io.accrete.protocol.job.WorkerView;
import io.accrete.protocol.wire.Epoch;
import io.accrete.protocol.wire.PoolMessage;
import io.accrete.protocol.wire.ServiceKeys;
import io.accrete.protocol.wire.TaskFailure;
import io.accrete.protocol.wire.Wire;
import io.accrete.protocol.wire.WorkerMessage;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/** The actor around {@link PoolState}: names for references, a clock, and what is to be sent. */
public final class WorkerPool {

    public sealed interface Command {}

    public record Offer(JobOffer offer, ActorRef<TaskNotice> driver) implements Command {}

    /** Has no effect where another driver has offered the job since. */
    public record Withdraw(String job, ActorRef<TaskNotice> driver) implements Command {}

    /** The job has got further: what failed before does not count against it any more. */
    public record Advanced(String job) implements Command {}

    /**
     * Stages of the job do not reach each other: it should be seen soon who is dead.
     *
     * @param gone leases of those whose processes are known to have ended
     */
    public record Suspect(String job, List<Epoch> gone) implements Command {
        public Suspect {
            gone = List.copyOf(gone);
        }
    }

    /**
     * Answered by {@link TaskNotice.Hands}.
     *
     * @param numericClass in which the job was computed so far, if it was
     */
    public record CountHands(String job, Optional<String> numericClass, ActorRef<TaskNotice> driver)
            implements Command {}

    public record Settle(Epoch epoch) implements Command {}

    public record Reject(Epoch epoch, TaskFailure failure) implements Command {}

    /**
     * What the worker has given up is not its fault and not the job's: it sees other files, and
     * gets no more of the job.
     */
    public record LeaveOut(String job, int shard, String worker, TaskFailure why)
            implements Command {}

    /** Complete the view with the tasks in flight, and answer. */
    public record Describe(JobView view, ActorRef<JobView> replyTo) implements Command {}

    public record Measure(ActorRef<Measured> replyTo) implements Command {}

    public record ListWorkers(ActorRef<Workers> replyTo) implements Command {}

    /** Answers with all workers; one that is not there cannot be drained, which they show. */
    public record Drain(String worker, ActorRef<Workers> replyTo) implements Command {}

    public record Workers(List<WorkerView> workers) implements Wire {
        public Workers {
            workers = List.copyOf(workers);
        }
    }

    public record Measured(PoolFigures figures) implements Wire {}

    private record FromWorker(PoolMessage message) implements Command {}

    private record WorkerGone(String incarnation) implements Command {}

    private record Tick() implements Command {}

    private final ActorContext<Command> context;
    private final ActorRef<PoolMessage> front;
    private final long term;
    private final PoolState state;
    private final LongSupplier nanoClock;
    private final Map<String, ActorRef<WorkerMessage>> incarnations = new HashMap<>();
    private final Map<String, ActorRef<TaskNotice>> drivers = new HashMap<>();

    private WorkerPool(
            ActorContext<Command> context, long term, PoolLimits limits, LongSupplier nanoClock) {
        this.context = context;
        this.term = term;
        this.state = new PoolState(term, limits, nanoClock.getAsLong());
        this.nanoClock = nanoClock;
        this.front = context.messageAdapter(PoolMessage.class, FromWorker::new);
    }

    /**
     * @param term under which leases are granted
     * @param tick how often deadlines are looked at
     * @param nanoClock monotonic
     */
    public static Behavior<Command> create(
            long term, PoolLimits limits, Duration tick, LongSupplier nanoClock) {
        return Behaviors.setup(
                context ->
                        Behaviors.withTimers(
                                timers -> {
                                    WorkerPool pool =
                                            new WorkerPool(context, term, limits, nanoClock);
                                    return pool.open(timers, tick);
                                }));
    }

    private Behavior<Command> open(TimerScheduler<Command> timers, Duration tick) {
        timers.startTimerWithFixedDelay(new Tick(), tick);
        context.getSystem().receptionist().tell(Receptionist.register(ServiceKeys.POOL, front));
        return Behaviors.receiveMessage(this::on);
    }

    private Behavior<Command> on(Command command) {
        long now = nanoClock.getAsLong();
        switch (command) {
            case FromWorker(PoolMessage message) -> perform(fromWorker(message, now));
            case WorkerGone(String incarnation) -> {
                incarnations.remove(incarnation);
                perform(state.gone(incarnation, now));
            }
            case Offer(JobOffer offer, ActorRef<TaskNotice> driver) -> {
                drivers.put(offer.job(), driver);
                perform(state.offer(offer, now));
            }
            case Withdraw(String job, ActorRef<TaskNotice> driver) -> {
                if (drivers.remove(job, driver) || !drivers.containsKey(job)) {
                    perform(state.withdraw(job));
                }
            }
            case Advanced(String job) -> state.advanced(job);
            case Suspect(String job, List<Epoch> gone) -> perform(state.suspect(job, gone, now));
            case CountHands(String job, var numericClass, ActorRef<TaskNotice> driver) ->
                    driver.tell(state.hands(job, numericClass, now));
            case Settle(Epoch epoch) -> perform(state.settle(epoch, now));
            case Reject(Epoch epoch, TaskFailure failure) ->
                    perform(state.reject(epoch, failure, now));
            case LeaveOut(String job, int shard, String worker, TaskFailure why) -> {
                context.getLog()
                        .atWarn()
                        .addKeyValue(LogFields.JOB, job)
                        .addKeyValue(LogFields.TASK, "shard " + (shard + 1))
                        .addKeyValue(LogFields.WORKER, worker)
                        .log("worker {} gets no more of {}: {}", worker, job, why);
                perform(state.leaveOut(job, shard, worker, why, now));
            }
            case Describe describe ->
                    describe.replyTo()
                            .tell(
                                    withRunning(
                                            describe.view(),
                                            state.describe(describe.view().id()),
                                            state.waiting(describe.view().id(), now)));
            case Measure(ActorRef<Measured> replyTo) ->
                    replyTo.tell(new Measured(state.figures(now)));
            case ListWorkers(ActorRef<Workers> replyTo) ->
                    replyTo.tell(new Workers(state.workers(now)));
            case Drain(String worker, ActorRef<Workers> replyTo) -> {
                perform(state.drain(worker, "drained on request"));
                replyTo.tell(new Workers(state.workers(now)));
            }
            case Tick tick -> perform(state.tick(now));
        }
        return Behaviors.same();
    }

    private List<PoolEffect> fromWorker(PoolMessage message, long now) {
        return switch (message) {
            case PoolMessage.Register m ->
                    state.register(meet(m.worker()), m.profile(), m.drained(), m.kept(), now);
            case PoolMessage.Pull m -> state.pull(meet(m.worker()), now);
            case PoolMessage.Heartbeat m -> state.heartbeat(meet(m.worker()), m.running(), now);
            case PoolMessage.Completed m ->
                    state.completed(meet(m.worker()), m.epoch(), m.receipt(), now);
            case PoolMessage.Failed m ->
                    state.failed(meet(m.worker()), m.epoch(), m.failure(), now);
            case PoolMessage.Leaving m -> state.leaving(meet(m.worker()), now);
        };
    }

    /** Each incarnation is watched at first contact, whatever its first message is. */
    private String meet(ActorRef<WorkerMessage> worker) {
        String incarnation = worker.path().toSerializationFormat();
        if (incarnations.put(incarnation, worker) == null) {
            context.watchWith(worker, new WorkerGone(incarnation));
        }
        return incarnation;
    }

    private void perform(List<PoolEffect> effects) {
        for (PoolEffect effect : effects) {
            switch (effect) {
                case PoolEffect.Send(String incarnation, WorkerMessage.Drain message) -> {
                    context.getLog().warn("{} gets no more: {}", incarnation, message.reason());
                    send(incarnation, message);
                }
                case PoolEffect.Send(String incarnation, WorkerMessage message) ->
                        send(incarnation, message);
                case PoolEffect.Welcome(String incarnation) ->
                        send(incarnation, new WorkerMessage.Registered(term, front));
                case PoolEffect.AskToRegister(String incarnation) ->
                        send(incarnation, new WorkerMessage.Unknown(term, front));
                case PoolEffect.Notify(String job, TaskNotice notice) -> {
                    ActorRef<TaskNotice> driver = drivers.get(job);
                    if (driver != null) {
                        driver.tell(notice);
                    }
                }
            }
        }
    }

    /** A worker that is gone needs no message. */
    private void send(String incarnation, WorkerMessage message) {
        ActorRef<WorkerMessage> worker = incarnations.get(incarnation);
        if (worker != null) {
            worker.tell(message);
        }
    }

    private static JobView withRunning(
            JobView view, List<RunningTask> running, Optional<String> waiting) {
        Progress progress = view.progress();
        // Of a file that two workers write, the faster one counts.
        long inFlight =
                running.stream()
                        .collect(
                                Collectors.toMap(
                                        RunningTask::file, RunningTask::bytesDone, Math::max))
                        .values()
                        .stream()
                        .mapToLong(Long::longValue)
                        .sum();
        return new JobView(
                view.id(),
                view.kind(),
                view.phase(),
                view.reasonCode(),
                waiting.orElse(view.reason()),
                view.output(),
                new Progress(
                        progress.bytesDone() + inFlight,
                        progress.bytesTotal(),
                        progress.tasksDone(),
                        progress.tasksTotal(),
                        progress.tasksResumed()),
                running,
                view.created(),
                view.updated(),
                view.problems(),
                view.training(),
                view.result());
    }
}
