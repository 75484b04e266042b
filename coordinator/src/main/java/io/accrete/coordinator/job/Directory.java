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

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

import io.accrete.protocol.job.DirectoryEvent;
import io.accrete.protocol.job.JobKind;
import io.accrete.protocol.job.JobPhase;
import io.accrete.protocol.job.JobSpec;
import io.accrete.protocol.job.JobView;
import io.accrete.protocol.job.ReasonCode;
import io.accrete.protocol.wire.Wire;

import org.jspecify.annotations.Nullable;

import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** The list of jobs and the term of this coordinator; parent of each {@link JobEntity}. */
public final class Directory
        extends EventSourcedBehavior<Directory.Command, DirectoryEvent, DirectoryState> {

    public sealed interface Command {}

    /** What other nodes may ask; {@link Wire} does not know types within fields by itself. */
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME)
    @JsonSubTypes({
        @JsonSubTypes.Type(Submit.class),
        @JsonSubTypes.Type(View.class),
        @JsonSubTypes.Type(ListAll.class),
        @JsonSubTypes.Type(Steer.class),
        @JsonSubTypes.Type(RollBack.class)
    })
    public sealed interface Request extends Command {}

    public record Submit(JobSpec spec, String key, String user, ActorRef<JobReply> replyTo)
            implements Request {}

    public record View(String job, ActorRef<Found> replyTo) implements Request {}

    public record ListAll(ActorRef<Listing> replyTo) implements Request {}

    public record Steer(String job, Verb verb, ActorRef<JobReply> replyTo) implements Request {}

    /** Of a training: back to the checkpoint of that step. */
    public record RollBack(String job, int step, ActorRef<JobReply> replyTo) implements Request {}

    public record Found(Optional<JobView> job) implements Wire {}

    public record Listing(List<JobView> jobs) implements Wire {
        public Listing {
            jobs = List.copyOf(jobs);
        }
    }

    /** Answers {@link TermBegun}: jobs may now be driven. */
    public record Open(long term, Driver driver) implements Command {}

    private record Begin() implements Command {}

    private record Ended(String job, JobPhase phase) implements Command {}

    private record EntityStopped(String job, ActorRef<JobEntity.Command> entity)
            implements Command {}

    /** What people may ask of a job. */
    public enum Verb {
        PAUSE,
        RESUME,
        CANCEL
    }

    /** The term is journaled; leases may be granted in it. */
    public record TermBegun(long term, ActorRef<Command> directory) {}

    /**
     * @param limits bounds on the number of jobs
     * @param viewTimeout how long a list waits for the slowest job
     * @param answerTimeout how long somebody waits for an answer
     * @param ids of new jobs
     */
    public record Settings(
            JobLimits limits,
            Duration viewTimeout,
            Duration answerTimeout,
            Clock clock,
            Function<JobKind, String> ids) {}

    private record Opened(long term, Driver driver) {}

    private final Settings settings;
    private final ActorRef<TermBegun> owner;
    private final ActorContext<Command> context;
    private final Map<String, ActorRef<JobEntity.Command>> entities = new HashMap<>();
    private @Nullable Opened opened;

    private Directory(Settings settings, ActorRef<TermBegun> owner, ActorContext<Command> context) {
        super(PersistenceId.ofUniqueId("directory"), JournalPatience.strategy());
        this.settings = settings;
        this.owner = owner;
        this.context = context;
    }

    public static Behavior<Command> create(Settings settings, ActorRef<TermBegun> owner) {
        return Behaviors.setup(context -> new Directory(settings, owner, context));
    }

    @Override
    public DirectoryState emptyState() {
        return DirectoryState.EMPTY;
    }

    @Override
    public EventHandler<DirectoryState, DirectoryEvent> eventHandler() {
        return DirectoryState::apply;
    }

    @Override
    public SignalHandler<DirectoryState> signalHandler() {
        return newSignalHandlerBuilder()
                .onSignal(RecoveryCompleted.instance(), state -> recovered())
                .build();
    }

    /** Also after the journal failed: the jobs of before have been stopped, their term is over. */
    private void recovered() {
        entities.clear();
        opened = null;
        context.getSelf().tell(new Begin());
    }

    @Override
    public CommandHandler<Command, DirectoryEvent, DirectoryState> commandHandler() {
        return this::on;
    }

    private Effect<DirectoryEvent, DirectoryState> on(DirectoryState state, Command command) {
        return switch (command) {
            case Begin begin ->
                    Effect()
                            .persist(
                                    new DirectoryEvent.TermStarted(
                                            state.term() + 1, settings.clock().instant()))
                            .thenRun(
                                    now ->
                                            owner.tell(
                                                    new TermBegun(now.term(), context.getSelf())));
            case Open open when open.term() != state.term() -> Effect().none();
            case Open open ->
                    Effect()
                            .none()
                            .thenRun((DirectoryState now) -> open(now, open))
                            .thenUnstashAll();
            case Submit submit when opened == null -> Effect().stash();
            case View view when opened == null -> Effect().stash();
            case ListAll all when opened == null -> Effect().stash();
            case Steer steer when opened == null -> Effect().stash();
            case RollBack back when opened == null -> Effect().stash();
            case Submit submit -> submit(state, submit);
            case View view -> Effect().none().thenRun(now -> view(now, view));
            case ListAll all -> Effect().none().thenRun(now -> list(now, all));
            case Steer steer -> Effect().none().thenRun(now -> steer(now, steer));
            case RollBack back ->
                    Effect()
                            .none()
                            .thenRun(
                                    now ->
                                            change(
                                                    now,
                                                    back.job(),
                                                    new JobCommand.RollBack(back.step()),
                                                    back.replyTo()));
            case EntityStopped stopped when !stopped.entity().equals(entities.get(stopped.job())) ->
                    Effect().none();
            case EntityStopped stopped -> {
                context.getLog().error("job {} stopped: its journal failed", stopped.job());
                yield Effect().stop();
            }
            case Ended ended when !state.isOpen(ended.job()) -> Effect().none();
            case Ended ended ->
                    Effect()
                            .persist(
                                    new DirectoryEvent.JobClosed(
                                            ended.job(),
                                            ended.phase(),
                                            settings.clock().instant()));
        };
    }

    private void open(DirectoryState state, Open open) {
        opened = new Opened(open.term(), open.driver());
        state.jobs().keySet().stream().filter(state::isOpen).forEach(this::entity);
    }

    private Effect<DirectoryEvent, DirectoryState> submit(DirectoryState state, Submit submit) {
        DirectoryState.Admission admission =
                state.admit(
                        new DirectoryEvent.JobListed(
                                settings.ids().apply(submit.spec().kind()),
                                submit.key(),
                                submit.spec().output(),
                                Optional.of(submit.user()),
                                settings.clock().instant()),
                        settings.limits());
        return switch (admission) {
            case DirectoryState.Admission.Known(String job) ->
                    Effect().none().thenRun(now -> forward(job, submit));
            case DirectoryState.Admission.New(DirectoryEvent.JobListed event) ->
                    Effect().persist(event).thenRun(now -> forward(event.job(), submit));
            case DirectoryState.Admission.Full(String sentence) ->
                    Effect()
                            .none()
                            .thenRun(now -> submit.replyTo().tell(new JobReply.Refused(sentence)));
        };
    }

    private void forward(String job, Submit submit) {
        entity(job)
                .tell(
                        new JobEntity.Request(
                                new JobCommand.Submit(job, submit.spec()), submit.replyTo()));
    }

    private void view(DirectoryState state, View view) {
        if (state.jobs().containsKey(view.job())) {
            context.spawnAnonymous(
                    ViewCollector.one(
                            entity(view.job()), settings.answerTimeout(), view.replyTo()));
        } else {
            view.replyTo().tell(new Found(Optional.empty()));
        }
    }

    private void list(DirectoryState state, ListAll all) {
        List<ActorRef<JobEntity.Command>> jobs =
                state.jobs().keySet().stream().map(this::entity).toList();
        context.spawnAnonymous(ViewCollector.all(jobs, settings.viewTimeout(), all.replyTo()));
    }

    private void steer(DirectoryState state, Steer steer) {
        long term = state.term();
        JobCommand command =
                switch (steer.verb()) {
                    case PAUSE ->
                            new JobCommand.Pause(
                                    ReasonCode.PAUSED_BY_USER, "paused; resume it to go on");
                    case RESUME -> new JobCommand.Resume(term);
                    case CANCEL -> new JobCommand.Cancel();
                };
        change(state, steer.job(), command, steer.replyTo());
    }

    private void change(
            DirectoryState state, String job, JobCommand command, ActorRef<JobReply> replyTo) {
        if (state.jobs().containsKey(job)) {
            entity(job).tell(new JobEntity.Request(command, replyTo));
        } else {
            replyTo.tell(new JobReply.Missing(job));
        }
    }

    private ActorRef<JobEntity.Command> entity(String job) {
        return entities.computeIfAbsent(
                job,
                id -> {
                    Opened now = opened;
                    if (now == null) {
                        throw new IllegalStateException("no job may be driven before its term");
                    }
                    ActorRef<Command> self = context.getSelf();
                    ActorRef<JobEntity.Command> entity =
                            context.spawn(
                                    JobEntity.create(
                                            id,
                                            new JobEntity.Surroundings(
                                                    now.term(),
                                                    now.driver(),
                                                    settings.clock(),
                                                    phase -> self.tell(new Ended(id, phase)))),
                                    id);
                    context.watchWith(entity, new EntityStopped(id, entity));
                    return entity;
                });
    }
}
