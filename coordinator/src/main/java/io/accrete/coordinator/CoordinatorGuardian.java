package io.accrete.coordinator;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.SupervisorStrategy;
import akka.actor.typed.Terminated;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.AskPattern;
import akka.actor.typed.javadsl.Behaviors;
import akka.japi.function.Function;

import io.accrete.coordinator.finetune.OtherJobs;
import io.accrete.coordinator.finetune.TrainDriver;
import io.accrete.coordinator.job.Directory;
import io.accrete.coordinator.job.DirectorySettings;
import io.accrete.coordinator.job.Driver;
import io.accrete.coordinator.job.JobReply;
import io.accrete.coordinator.job.JournalPatience;
import io.accrete.coordinator.merge.MergeDriver;
import io.accrete.coordinator.merge.Planner;
import io.accrete.coordinator.pool.WorkerPool;
import io.accrete.protocol.job.JobKind;
import io.accrete.protocol.job.JobSpec;
import io.accrete.protocol.wire.Wire;

import org.jspecify.annotations.Nullable;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * Root of the coordinator: the directory of jobs, and for each term of it a pool of workers. The
 * same actor whether it is started directly or as the singleton of a cluster.
 */
public final class CoordinatorGuardian {

    private static final Duration RESTART_MIN = Duration.ofMillis(500);
    private static final Duration RESTART_MAX = Duration.ofSeconds(10);
    private static final double JITTER = 0.2;

    /** Requests that may wait for a pool; whoever asked gives up after a while. */
    private static final int EARLY_MAX = 1_000;

    /** So many that no name comes twice, those of deleted jobs included. */
    private static final int ID_DIGITS = 12;

    /** What may be asked of a coordinator; {@link JobsClient} asks it. */
    public sealed interface Command {}

    /** A request for the directory. */
    record Forward(Directory.Request request) implements Command, Wire {}

    /** Requests for the pool; answered once the first term has begun. */
    record ListWorkers(ActorRef<WorkerPool.Workers> replyTo) implements Command, Wire {}

    record Drain(String worker, ActorRef<WorkerPool.Workers> replyTo) implements Command, Wire {}

    record MeasurePool(ActorRef<WorkerPool.Measured> replyTo) implements Command, Wire {}

    private record TermBegun(Directory.TermBegun begun) implements Command {}

    private final ActorContext<Command> context;
    private final CoordinatorSettings settings;
    private final Planner planner;
    private final ActorRef<Directory.Command> directory;
    private @Nullable ActorRef<WorkerPool.Command> pool;

    /** What came for the pool before there was one. */
    private final Deque<WorkerPool.Command> early = new ArrayDeque<>();

    private CoordinatorGuardian(
            ActorContext<Command> context,
            CoordinatorSettings settings,
            Planner planner,
            JournalPatience patience) {
        this.context = context;
        this.settings = settings;
        this.planner = planner;
        this.directory =
                context.spawn(
                        Directory.create(
                                new DirectorySettings(
                                        settings.jobs(),
                                        settings.viewTimeout(),
                                        settings.answerTimeout(),
                                        Clock.systemUTC(),
                                        patience,
                                        CoordinatorGuardian::freshId),
                                context.messageAdapter(Directory.TermBegun.class, TermBegun::new)),
                        "directory");
        context.watch(directory);
    }

    /** Ends where its journal can be neither written nor read; who started it sees that. */
    public static Behavior<Command> create(CoordinatorSettings settings, Planner planner) {
        return create(settings, planner, JournalPatience.DEFAULT, Behaviors::stopped);
    }

    /**
     * For a singleton, which nobody else starts again: it begins anew, however long its journal is
     * away.
     */
    public static Behavior<Command> restarting(CoordinatorSettings settings, Planner planner) {
        return restarting(settings, planner, JournalPatience.DEFAULT);
    }

    static Behavior<Command> restarting(
            CoordinatorSettings settings, Planner planner, JournalPatience patience) {
        // A behavior that ends is no failure, and would not be started again.
        Supplier<Behavior<Command>> failing =
                () -> {
                    throw new IllegalStateException("the directory of jobs has ended");
                };
        return Behaviors.supervise(create(settings, planner, patience, failing))
                .onFailure(SupervisorStrategy.restartWithBackoff(RESTART_MIN, RESTART_MAX, JITTER));
    }

    private static Behavior<Command> create(
            CoordinatorSettings settings,
            Planner planner,
            JournalPatience patience,
            Supplier<Behavior<Command>> withoutJournal) {
        return Behaviors.setup(
                context -> {
                    CoordinatorGuardian guardian =
                            new CoordinatorGuardian(context, settings, planner, patience);
                    return Behaviors.receive(Command.class)
                            .onAnyMessage(guardian::on)
                            .onSignal(
                                    Terminated.class,
                                    end -> {
                                        context.getLog()
                                                .error(
                                                        "the coordinator ends: its journal cannot"
                                                                + " be written or read");
                                        return withoutJournal.get();
                                    })
                            .build();
                });
    }

    private Behavior<Command> on(Command command) {
        switch (command) {
            case Forward(Directory.Request request) -> directory.tell(request);
            case ListWorkers(ActorRef<WorkerPool.Workers> replyTo) ->
                    tellPool(new WorkerPool.ListWorkers(replyTo));
            case Drain(String worker, ActorRef<WorkerPool.Workers> replyTo) ->
                    tellPool(new WorkerPool.Drain(worker, replyTo));
            case MeasurePool(ActorRef<WorkerPool.Measured> replyTo) ->
                    tellPool(new WorkerPool.Measure(replyTo));
            case TermBegun(Directory.TermBegun begun) -> begin(begun);
        }
        return Behaviors.same();
    }

    private void tellPool(WorkerPool.Command command) {
        if (pool != null) {
            pool.tell(command);
            return;
        }
        early.addLast(command);
        if (early.size() > EARLY_MAX) {
            context.getLog()
                    .warn(
                            "more than {} requests wait for the first term: the oldest is not"
                                    + " answered",
                            EARLY_MAX);
            early.removeFirst();
        }
    }

    /** Leases of an earlier term are void, so its pool has nothing left to say. */
    private void begin(Directory.TermBegun begun) {
        if (pool != null) {
            context.stop(pool);
        }
        long term = begun.term();
        ActorRef<WorkerPool.Command> fresh =
                context.spawn(
                        WorkerPool.create(term, settings.pool(), settings.tick(), System::nanoTime),
                        "pool-" + term);
        pool = fresh;
        early.forEach(fresh::tell);
        early.clear();
        Driver merge = MergeDriver.driver(planner, fresh, program(), settings.diskReserve());
        Driver train = TrainDriver.driver(fresh, program(), settings.gather(), otherJobs());
        begun.directory()
                .tell(
                        new Directory.Open(
                                term,
                                assignment ->
                                        switch (assignment.state().spec().kind()) {
                                            case MERGE -> merge.start(assignment);
                                            case TRAIN, EXPORT -> train.start(assignment);
                                        }));
    }

    private OtherJobs otherJobs() {
        return new OtherJobs() {
            @Override
            public CompletionStage<Boolean> atWork(String output) {
                return ask(replyTo -> new Directory.AtWork(output, replyTo));
            }

            @Override
            public CompletionStage<JobReply> submitBeside(String job, JobSpec spec) {
                return ask(replyTo -> new Directory.SubmitBeside(job, spec, replyTo));
            }
        };
    }

    private <T> CompletionStage<T> ask(Function<ActorRef<T>, Directory.Command> question) {
        return AskPattern.ask(
                directory, question, settings.answerTimeout(), context.getSystem().scheduler());
    }

    private static String freshId(JobKind kind) {
        return "%s-".formatted(kind.name().toLowerCase(Locale.ROOT))
                + UUID.randomUUID().toString().replace("-", "").substring(0, ID_DIGITS);
    }

    private static String program() {
        String version = CoordinatorGuardian.class.getPackage().getImplementationVersion();
        return version == null ? "accrete" : "accrete " + version;
    }
}
