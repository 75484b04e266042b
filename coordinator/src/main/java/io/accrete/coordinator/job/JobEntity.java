package io.accrete.coordinator.job;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.persistence.typed.PersistenceId;
import akka.persistence.typed.RecoveryCompleted;
import akka.persistence.typed.javadsl.CommandHandler;
import akka.persistence.typed.javadsl.Effect;
import akka.persistence.typed.javadsl.EventHandler;
import akka.persistence.typed.javadsl.EventSourcedBehavior;
import akka.persistence.typed.javadsl.SignalHandler;

import io.accrete.protocol.job.JobEvent;
import io.accrete.protocol.job.JobPhase;
import io.accrete.protocol.job.JobView;
import io.accrete.protocol.job.LogFields;
import io.accrete.protocol.job.ReasonCode;

import org.jspecify.annotations.Nullable;

import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** One job: journals what {@link JobState} decides, and keeps a driver at work. */
public final class JobEntity
        extends EventSourcedBehavior<JobEntity.Command, JobEvent, Optional<JobState>> {

    public sealed interface Command {}

    public record Request(JobCommand command, ActorRef<JobReply> replyTo) implements Command {}

    /**
     * @param absent run instead of an answer by a job that was listed but never accepted
     */
    public record View(ActorRef<JobView> replyTo, Runnable absent) implements Command {}

    /**
     * Asked of each job that is listed as open when a coordinator begins.
     *
     * @param abandoned run, and this ends, if it was never accepted
     */
    record Claim(Runnable abandoned) implements Command {}

    /** Of a job that has ended: stop, once its driver has. */
    record Retire() implements Command {}

    private record FromDriver(Driver.Report report) implements Command {}

    private record DriverEnded(int generation, String why) implements Command {}

    private record Awake() implements Command {}

    /**
     * What a job needs of its surroundings.
     *
     * @param term of this coordinator
     * @param changed told what the job looks like, whenever that changes but for its progress
     * @param ended told when the job is in a terminal phase
     */
    record Surroundings(
            long term,
            Driver driver,
            Clock clock,
            JournalPatience patience,
            JobTallies tallies,
            Consumer<JobView> changed,
            Consumer<JobPhase> ended) {}

    private final String id;
    private final Surroundings surroundings;
    private final ActorContext<Command> context;
    private final ActorRef<Driver.Report> reports;
    private @Nullable ActorRef<DriverMessage> driver;
    private int generation;
    private boolean retired;

    private JobEntity(String id, Surroundings surroundings, ActorContext<Command> context) {
        super(persistenceId(id), surroundings.patience().strategy());
        this.id = id;
        this.surroundings = surroundings;
        this.context = context;
        this.reports = context.messageAdapter(Driver.Report.class, FromDriver::new);
    }

    static PersistenceId persistenceId(String job) {
        return PersistenceId.of("job", job);
    }

    static Behavior<Command> create(String id, Surroundings surroundings) {
        return Behaviors.withMdc(
                Command.class,
                Map.of(LogFields.JOB, id),
                Behaviors.setup(context -> new JobEntity(id, surroundings, context)));
    }

    @Override
    public Optional<JobState> emptyState() {
        return Optional.empty();
    }

    @Override
    public EventHandler<Optional<JobState>, JobEvent> eventHandler() {
        return (state, event) -> Optional.of(JobState.fold(state, event));
    }

    @Override
    public SignalHandler<Optional<JobState>> signalHandler() {
        return newSignalHandlerBuilder()
                .onSignal(RecoveryCompleted.instance(), this::recovered)
                .build();
    }

    /** Also after the journal failed: the driver of before has been stopped. */
    private void recovered(Optional<JobState> state) {
        generation++;
        driver = null;
        if (state.isPresent()) {
            surroundings.changed().accept(state.get().view());
            context.getSelf().tell(new Awake());
        }
    }

    @Override
    public CommandHandler<Command, JobEvent, Optional<JobState>> commandHandler() {
        return this::on;
    }

    private Effect<JobEvent, Optional<JobState>> on(Optional<JobState> state, Command command) {
        return switch (command) {
            case Request request ->
                    decide(
                            state,
                            request.command(),
                            job -> request.replyTo().tell(new JobReply.Done(job.view())),
                            no -> request.replyTo().tell(new JobReply.Refused(no)));
            case View view ->
                    Effect()
                            .none()
                            .thenRun(
                                    now ->
                                            now.ifPresentOrElse(
                                                    job -> describe(job, view), view.absent()));
            case Claim claim when state.isPresent() -> Effect().none();
            case Claim claim -> Effect().none().thenRun(now -> claim.abandoned().run()).thenStop();
            case Retire retire -> {
                retired = true;
                yield driver == null ? Effect().stop() : Effect().none();
            }
            case FromDriver(Driver.Report report) when report.generation() != generation ->
                    Effect()
                            .none()
                            .thenRun(
                                    now ->
                                            report.driver()
                                                    .tell(
                                                            new DriverMessage.Refused(
                                                                    report.command(),
                                                                    "another driver took over")));
            case FromDriver(Driver.Report report) ->
                    decide(
                            state,
                            report.command(),
                            job ->
                                    report.driver()
                                            .tell(
                                                    new DriverMessage.Recorded(
                                                            report.command(), job)),
                            no ->
                                    report.driver()
                                            .tell(new DriverMessage.Refused(report.command(), no)));
            case DriverEnded ended when ended.generation() != generation -> Effect().none();
            case DriverEnded ended -> driverEnded(state.orElseThrow(), ended.why());
            case Awake awake -> awake(state.orElseThrow());
        };
    }

    private Effect<JobEvent, Optional<JobState>> decide(
            Optional<JobState> state,
            JobCommand command,
            Consumer<JobState> done,
            Consumer<String> refused) {
        Decision<JobEvent> decision = decision(state, command);
        return switch (decision) {
            case Decision.Rejected<JobEvent>(String sentence) ->
                    Effect().none().thenRun(now -> refused.accept(sentence));
            case Decision.Accepted<JobEvent>(List<JobEvent> events) ->
                    persist(
                            events,
                            job -> {
                                if (!events.isEmpty()) {
                                    log(state, job);
                                    tell(state.map(JobState::phase), job);
                                }
                                done.accept(job);
                                follow(state.map(JobState::phase), job);
                            });
        };
    }

    /** Once for each reason. What runs after an event is journaled has lost its context. */
    private void log(Optional<JobState> before, JobState job) {
        boolean news =
                before.isEmpty()
                        || before.get().phase() != job.phase()
                        || !before.get().reason().equals(job.reason());
        if (news) {
            context.getLog()
                    .atInfo()
                    .addKeyValue(LogFields.JOB, id)
                    .log("job {} {}: {}", id, job.phase(), job.reason());
        }
    }

    private Effect<JobEvent, Optional<JobState>> persist(
            List<JobEvent> events, Consumer<JobState> then) {
        long begin = System.nanoTime();
        return Effect()
                .persist(events)
                .thenRun(
                        now -> {
                            if (!events.isEmpty()) {
                                surroundings.tallies().written(begin);
                                events.forEach(this::count);
                            }
                            then.accept(now.orElseThrow());
                        });
    }

    private void count(JobEvent event) {
        if (event instanceof JobEvent.ShardReceived received) {
            surroundings.tallies().received(received.receipt().moved());
        }
    }

    /** While a driver is at work only it knows how far it is, and is asked. */
    private void tell(Optional<JobPhase> before, JobState job) {
        if (driver == null || before.filter(phase -> phase == job.phase()).isEmpty()) {
            surroundings.changed().accept(job.view());
        }
    }

    private Decision<JobEvent> decision(Optional<JobState> state, JobCommand command) {
        if (state.isPresent()) {
            return state.get().decide(command, surroundings.clock().instant());
        }
        return command instanceof JobCommand.Submit(String job, var spec)
                ? Decision.accept(new JobEvent.Submitted(job, spec, surroundings.clock().instant()))
                : Decision.reject(JobsException.noJob(id));
    }

    /** Sees to it that what the phase asks for is being done. */
    private void follow(Optional<JobPhase> before, JobState job) {
        if (before.isPresent() && before.get() == job.phase()) {
            return;
        }
        switch (job.phase()) {
            case QUEUED -> context.getSelf().tell(new Awake());
            case PLANNING, RECOVERING -> startDriver(job);
            case RUNNING, PUBLISHING -> {}
            case PAUSED -> release(new DriverMessage.Halt());
            case CANCELLING -> {
                if (driver == null) {
                    startDriver(job);
                } else {
                    driver.tell(new DriverMessage.Cancel());
                }
            }
            case SUCCEEDED, FAILED, CANCELLED -> surroundings.ended().accept(job.phase());
        }
    }

    private Effect<JobEvent, Optional<JobState>> awake(JobState job) {
        Consumer<JobState> nothing = done -> {};
        Consumer<String> log = no -> context.getLog().warn("job {}: {}", id, no);
        return switch (job.phase()) {
            case QUEUED -> decide(Optional.of(job), new JobCommand.StartPlanning(), nothing, log);
            case RUNNING, RECOVERING -> recover(job);
            case PLANNING, PUBLISHING, CANCELLING ->
                    Effect().none().thenRun(now -> startDriver(job));
            case PAUSED -> Effect().none();
            case SUCCEEDED, FAILED, CANCELLED ->
                    Effect().none().thenRun(now -> surroundings.ended().accept(job.phase()));
        };
    }

    private Effect<JobEvent, Optional<JobState>> recover(JobState job) {
        Decision<JobEvent> decision =
                decision(Optional.of(job), new JobCommand.StartRecovery(surroundings.term()));
        return switch (decision) {
            case Decision.Rejected<JobEvent>(String sentence) ->
                    throw new IllegalStateException(sentence);
            case Decision.Accepted<JobEvent>(List<JobEvent> events) ->
                    persist(
                            events,
                            now -> {
                                surroundings.changed().accept(now.view());
                                startDriver(now);
                            });
        };
    }

    private void startDriver(JobState job) {
        release(new DriverMessage.Halt());
        int mine = generation;
        ActorRef<DriverMessage> started =
                context.spawnAnonymous(
                        surroundings.driver().start(new Driver.Assignment(job, mine, reports)));
        context.watchWith(started, new DriverEnded(mine, "it stopped"));
        driver = started;
    }

    /** From here on, what the driver reports is refused. */
    private void release(DriverMessage farewell) {
        generation++;
        if (driver != null) {
            driver.tell(farewell);
            driver = null;
        }
    }

    /** A driver ends by itself only when its job has ended; otherwise nothing may be lost. */
    private Effect<JobEvent, Optional<JobState>> driverEnded(JobState job, String why) {
        driver = null;
        String sentence = "the driver of the job failed: %s; see the log".formatted(why);
        JobCommand command =
                switch (job.phase()) {
                    case PLANNING -> new JobCommand.Fail(ReasonCode.INTERNAL, sentence, List.of());
                    case RUNNING, RECOVERING, PUBLISHING ->
                            new JobCommand.Pause(ReasonCode.INTERNAL, sentence);
                    case CANCELLING -> new JobCommand.ConfirmCancelled();
                    case QUEUED, PAUSED, SUCCEEDED, FAILED, CANCELLED -> null;
                };
        if (command != null) {
            return decide(Optional.of(job), command, done -> {}, no -> {});
        }
        return retired ? Effect().stop() : Effect().none();
    }

    private void describe(JobState job, View view) {
        if (driver == null || job.phase().isTerminal()) {
            view.replyTo().tell(job.view());
        } else {
            driver.tell(new DriverMessage.Describe(job.view(), view.replyTo()));
        }
    }
}
