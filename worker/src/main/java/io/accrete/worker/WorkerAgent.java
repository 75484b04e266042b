package io.accrete.worker;

import akka.actor.CoordinatedShutdown;
import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Adapter;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.TimerScheduler;
import akka.actor.typed.receptionist.Receptionist;

import io.accrete.protocol.job.LogFields;
import io.accrete.protocol.job.WorkerDevice;
import io.accrete.protocol.wire.Epoch;
import io.accrete.protocol.wire.KeptStages;
import io.accrete.protocol.wire.LeasedWork;
import io.accrete.protocol.wire.PoolMessage;
import io.accrete.protocol.wire.ServiceKeys;
import io.accrete.protocol.wire.StageRef;
import io.accrete.protocol.wire.TaskRef;
import io.accrete.protocol.wire.WorkerMessage;
import io.accrete.protocol.wire.WorkerProfile;
import io.accrete.worker.link.LinkServer;
import io.accrete.worker.merge.ShardExecutor;
import io.accrete.worker.merge.TaskExecutor;
import io.accrete.worker.pipeline.StageDoor;
import io.accrete.worker.pipeline.StageHost;
import io.accrete.worker.pipeline.StageInbox;
import io.accrete.worker.tensor.ComputeDevice;
import io.accrete.worker.tensor.NumericClass;
import io.accrete.worker.tensor.PresentDevice;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * The actor around {@link AgentState}: finds the pool, takes leases, has threads do their tasks.
 * One actor is one incarnation of its worker.
 */
public final class WorkerAgent extends AbstractBehavior<WorkerAgent.Command> {

    private static final Logger LOG = LoggerFactory.getLogger(WorkerAgent.class);

    public sealed interface Command {}

    /** Give back what is held and stop. */
    public record Leave() implements Command {}

    private record FromPool(WorkerMessage message) implements Command {}

    private record Pools(Set<ActorRef<PoolMessage>> known) implements Command {}

    private record Ended(TaskThread thread, TaskOutcome outcome) implements Command {}

    private record Tick() implements Command {}

    private final WorkerProfile profile;
    private final TaskExecutor executor;
    private final Optional<LinkServer> link;
    private final ComputeDevice device;
    private final LongSupplier nanoClock;
    private final AgentState state;
    private final ActorRef<WorkerMessage> front;
    private final Map<Epoch, TaskThread> threads = new HashMap<>();
    private final Map<Epoch, Stages> stages = new HashMap<>();
    private Set<ActorRef<PoolMessage>> pools = Set.of();
    private @Nullable ActorRef<PoolMessage> greeting;
    private @Nullable ActorRef<PoolMessage> pool;
    private boolean leaving;

    /** How others reach the host of stages. */
    private record Stages(StageInbox inbox, ActorRef<StageDoor.Message> door) {}

    private WorkerAgent(
            ActorContext<Command> context,
            WorkerSettings settings,
            WorkerProfile profile,
            TaskExecutor executor,
            Optional<LinkServer> link,
            ComputeDevice device,
            LongSupplier nanoClock) {
        super(context);
        this.profile = profile;
        this.executor = executor;
        this.link = link;
        this.device = device;
        this.nanoClock = nanoClock;
        this.state = new AgentState(settings);
        this.front = context.messageAdapter(WorkerMessage.class, FromPool::new);
    }

    /**
     * A worker under this name, otherwise as configured.
     *
     * @param workers that share this process, itself among them
     * @param link where stages in other processes reach those in this one, if they can
     * @param device that it computes stages of trainings on
     */
    public static Behavior<Command> create(
            String name, int workers, Optional<LinkServer> link, PresentDevice device) {
        return Behaviors.setup(
                context -> {
                    WorkerSettings settings =
                            WorkerSettings.from(context.getSystem().settings().config())
                                    .named(name);
                    int cores = Runtime.getRuntime().availableProcessors();
                    ShardExecutor executor = new ShardExecutor(settings.threads(cores, workers));
                    return create(
                            settings,
                            profile(settings, link, device),
                            executor,
                            link,
                            device.device(),
                            System::nanoTime);
                });
    }

    /**
     * @param nanoClock monotonic
     */
    static Behavior<Command> create(
            WorkerSettings settings,
            WorkerProfile profile,
            TaskExecutor executor,
            Optional<LinkServer> link,
            ComputeDevice device,
            LongSupplier nanoClock) {
        return Behaviors.setup(
                context ->
                        Behaviors.withTimers(
                                timers -> {
                                    WorkerAgent agent =
                                            new WorkerAgent(
                                                    context, settings, profile, executor, link,
                                                    device, nanoClock);
                                    agent.open(timers, settings);
                                    return agent;
                                }));
    }

    private static WorkerProfile profile(
            WorkerSettings settings, Optional<LinkServer> link, PresentDevice device) {
        String version = WorkerAgent.class.getPackage().getImplementationVersion();
        return new WorkerProfile(
                settings.name(),
                host(),
                ProcessHandle.current().pid(),
                settings.slots(),
                NumericClass.of(device),
                version == null ? "development" : version,
                link.map(LinkServer::address),
                new WorkerDevice(device.device().toString(), device.model(), device.memoryBytes()));
    }

    /** Its name alone: for its address a name server may be asked, and an actor must not wait. */
    private static String host() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
        } catch (IOException notLinux) {
            return Optional.ofNullable(System.getenv("HOSTNAME")).orElse("localhost");
        }
    }

    private void open(TimerScheduler<Command> timers, WorkerSettings settings) {
        ActorContext<Command> context = getContext();
        timers.startTimerWithFixedDelay(new Tick(), settings.tick());
        ActorRef<Receptionist.Listing> listings =
                context.messageAdapter(
                        Receptionist.Listing.class,
                        listing -> new Pools(listing.getServiceInstances(ServiceKeys.POOL)));
        context.getSystem().receptionist().tell(Receptionist.subscribe(ServiceKeys.POOL, listings));
        CoordinatedShutdown.get(context.getSystem())
                .addActorTerminationTask(
                        CoordinatedShutdown.PhaseServiceRequestsDone(),
                        "accrete-worker-leaves",
                        Adapter.toClassic(context.getSelf()),
                        Optional.of(new Leave()));
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onAnyMessage(this::on)
                .onSignal(PostStop.class, _ -> stopped())
                .build();
    }

    private Behavior<Command> on(Command command) {
        long now = nanoClock.getAsLong();
        perform(
                switch (command) {
                    case Pools(Set<ActorRef<PoolMessage>> known) -> found(known, now);
                    case FromPool(WorkerMessage message) -> fromPool(message, now);
                    case Ended(TaskThread thread, TaskOutcome outcome) ->
                            ended(thread, outcome, now);
                    case Tick() -> state.tick(now);
                    case Leave() -> {
                        leaving = true;
                        yield state.leave(now);
                    }
                });
        return leaving && state.isIdle() ? Behaviors.stopped() : this;
    }

    /** Stages may have been passed from the lease that they began under to another. */
    private List<AgentEffect> ended(TaskThread thread, TaskOutcome outcome, long now) {
        Epoch epoch =
                threads.entrySet().stream()
                        .filter(running -> running.getValue() == thread)
                        .map(Map.Entry::getKey)
                        .findFirst()
                        .orElseThrow();
        threads.remove(epoch);
        Optional.ofNullable(stages.remove(epoch)).map(Stages::door).ifPresent(getContext()::stop);
        return state.finished(epoch, outcome, now);
    }

    private List<AgentEffect> found(Set<ActorRef<PoolMessage>> known, long now) {
        boolean another = !pools.containsAll(known);
        pools = Set.copyOf(known);
        if (pool != null && !pools.contains(pool)) {
            pool = null;
            state.poolLost();
        }
        return another ? state.poolFound(now) : List.of();
    }

    private List<AgentEffect> fromPool(WorkerMessage message, long now) {
        return switch (message) {
            case WorkerMessage.Registered(long term, ActorRef<PoolMessage> sender) -> {
                greeting = sender;
                yield state.registered(term, now);
            }
            case WorkerMessage.Unknown(long term, ActorRef<PoolMessage> _) ->
                    state.unknown(term, now);
            case WorkerMessage.Grant grant ->
                    state.grant(grant.epoch(), grant.lease(), grant.task(), now);
            case WorkerMessage.Drain(String reason) -> {
                LOG.warn("{} takes no more tasks: {}", profile.worker(), reason);
                state.drain(reason);
                yield List.of();
            }
            case WorkerMessage.Settled(Epoch epoch) -> state.settled(epoch);
            case WorkerMessage.Revoke(Epoch epoch, String reason) -> {
                LOG.debug("lease {} is called back: {}", epoch, reason);
                yield state.revoke(epoch);
            }
        };
    }

    private void perform(List<AgentEffect> effects) {
        for (AgentEffect effect : effects) {
            switch (effect) {
                case AgentEffect.Register(Optional<String> drained, List<KeptStages> held) -> {
                    PoolMessage.Register register =
                            new PoolMessage.Register(
                                    profile,
                                    front,
                                    drained,
                                    held.stream().filter(this::goesOn).toList());
                    pools.forEach(p -> p.tell(register));
                }
                case AgentEffect.Follow() -> pool = greeting;
                case AgentEffect.Refuse(long term, long current) ->
                        LOG.info("a message of term {} is refused: the term is {}", term, current);
                case AgentEffect.Pull() -> tell(new PoolMessage.Pull(front));
                case AgentEffect.Heartbeat(List<Epoch> epochs) ->
                        tell(
                                new PoolMessage.Heartbeat(
                                        front, epochs.stream().map(this::running).toList()));
                case AgentEffect.Report(Epoch epoch, TaskOutcome outcome) ->
                        tell(report(epoch, outcome));
                case AgentEffect.Leave() -> tell(new PoolMessage.Leaving(front));
                case AgentEffect.Start start -> start(start);
                case AgentEffect.Pass(Epoch before, Epoch epoch, StageRef task) ->
                        pass(before, epoch, task);
                case AgentEffect.Cancel(Epoch epoch) -> cancel(epoch);
                case AgentEffect.Delete(String file) ->
                        Thread.ofVirtual().start(() -> delete(Path.of(file)));
            }
        }
    }

    /** What cannot be said now is said again when a pool is there. */
    private void tell(PoolMessage message) {
        if (pool != null) {
            pool.tell(message);
        }
    }

    private PoolMessage report(Epoch epoch, TaskOutcome outcome) {
        return switch (outcome) {
            case TaskOutcome.Done done -> new PoolMessage.Completed(front, epoch, done.receipt());
            case TaskOutcome.Undone undone ->
                    new PoolMessage.Failed(front, epoch, undone.failure());
        };
    }

    private PoolMessage.Running running(Epoch epoch) {
        TaskThread thread = threads.get(epoch);
        return new PoolMessage.Running(epoch, thread == null ? 0 : thread.bytesDone());
    }

    private void start(AgentEffect.Start start) {
        TaskThread thread = thread(start.epoch(), start.task());
        threads.put(start.epoch(), thread);
        // A task's outcome is never an exception.
        getContext().pipeToSelf(thread.outcome(), (outcome, _) -> new Ended(thread, outcome));
    }

    /** Whether stages have a state to go on with. */
    private boolean goesOn(KeptStages held) {
        return Optional.ofNullable(stages.get(held.lease()))
                .flatMap(of -> of.inbox().kept())
                .isPresent();
    }

    private void pass(Epoch before, Epoch epoch, StageRef task) {
        Stages old = Objects.requireNonNull(stages.remove(before));
        LOG.info("{} are passed from lease {} to {}", task.task(), before, epoch);
        getContext().stop(old.door());
        threads.put(epoch, Objects.requireNonNull(threads.remove(before)));
        open(epoch, task, old.inbox());
    }

    private void open(Epoch epoch, StageRef task, StageInbox inbox) {
        ActorRef<StageDoor.Message> door =
                getContext()
                        .spawn(StageDoor.create(task, epoch, profile, inbox), "stages-" + epoch);
        stages.put(epoch, new Stages(inbox, door));
    }

    private TaskThread thread(Epoch epoch, LeasedWork work) {
        String name = "accrete-%s-%s".formatted(profile.worker(), epoch);
        Map<String, String> about =
                Map.of(
                        LogFields.JOB, work.job(),
                        LogFields.TASK, work.task(),
                        LogFields.WORKER, profile.worker(),
                        LogFields.EPOCH, epoch.toString());
        return switch (work) {
            case TaskRef shard ->
                    TaskThread.start(
                            name,
                            shard.target(),
                            about,
                            control -> new TaskOutcome.Done(executor.execute(shard, control)));
            case StageRef held -> {
                StageInbox inbox = new StageInbox();
                open(epoch, held, inbox);
                yield TaskThread.startInterruptible(
                        name,
                        "stages of " + held.job(),
                        about,
                        new StageHost(held, inbox, link, device)::serve);
            }
        };
    }

    private void cancel(Epoch epoch) {
        TaskThread thread = threads.get(epoch);
        if (thread != null) {
            thread.cancel();
        }
    }

    /** Only tidy: the coordinator clears the folder of unfinished files when the job ends. */
    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.debug("{} is left behind: {}", file, e.toString());
        }
    }

    private Behavior<Command> stopped() {
        threads.values().forEach(TaskThread::cancel);
        return this;
    }
}
