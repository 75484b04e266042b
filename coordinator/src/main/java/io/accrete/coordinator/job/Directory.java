package io.accrete.coordinator.job;

import static java.util.Objects.requireNonNull;

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
import io.accrete.protocol.job.JobFigures;
import io.accrete.protocol.job.JobPhase;
import io.accrete.protocol.job.JobSpec;
import io.accrete.protocol.job.JobView;
import io.accrete.protocol.wire.Wire;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The list of jobs and the term of this coordinator; parent of each {@link JobEntity}. */
public final class Directory
        extends EventSourcedBehavior<Directory.Command, DirectoryEvent, DirectoryState> {

    public sealed interface Command {}

    /** What other nodes may ask; {@link Wire} does not know types within fields by itself. */
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME)
    @JsonSubTypes({
        @JsonSubTypes.Type(Submit.class),
        @JsonSubTypes.Type(View.class),
        @JsonSubTypes.Type(ListJobs.class),
        @JsonSubTypes.Type(Measure.class),
        @JsonSubTypes.Type(Steer.class),
        @JsonSubTypes.Type(RollBack.class),
        @JsonSubTypes.Type(Recut.class),
        @JsonSubTypes.Type(Delete.class)
    })
    public sealed interface Request extends Command {}

    public record Submit(JobSpec spec, String key, String user, ActorRef<JobReply> replyTo)
            implements Request {}

    public record View(String job, ActorRef<Found> replyTo) implements Request {}

    public record ListJobs(JobQuery query, ActorRef<ListReply> replyTo) implements Request {}

    public record Measure(ActorRef<Measured> replyTo) implements Request {}

    public record Steer(String job, Verb verb, ActorRef<JobReply> replyTo) implements Request {}

    /** Of a training: back to the checkpoint of that step. */
    public record RollBack(String job, int step, ActorRef<JobReply> replyTo) implements Request {}

    /** Of a paused training: over other stages. */
    public record Recut(String job, JobCommand.Recut recut, ActorRef<JobReply> replyTo)
            implements Request {}

    /** Takes a job that has ended off the list. */
    public record Delete(String job, ActorRef<JobReply> replyTo) implements Request {}

    public record Found(Optional<JobView> job) implements Wire {}

    public record Measured(JobFigures figures) implements Wire {}

    /** Answers {@link TermBegun}: jobs may now be driven. */
    public record Open(long term, Driver driver) implements Command {}

    /** Whether a job is at work, or will be by itself, that publishes to a path. */
    public record AtWork(String output, ActorRef<Boolean> replyTo) implements Command {}

    /** For a job that wants another; it comes once, and belongs to the same user. */
    public record SubmitBeside(String job, JobSpec spec, ActorRef<JobReply> to)
            implements Command {}

    private record Begin() implements Command {}

    /**
     * A job answers a submission under another key than its own.
     *
     * @param reply empty where it does not in time
     */
    private record Joining(String job, Submit submit, Optional<JobReply> reply)
            implements Command {}

    private record Changed(JobView view) implements Command {}

    private record Ended(String job, JobPhase phase) implements Command {}

    private record Revive(String job) implements Command {}

    /** It was listed, but the submission was lost before the job itself was journaled. */
    private record Abandoned(String job) implements Command {}

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

    private record Opened(long term, Driver driver) {}

    private final DirectorySettings settings;
    private final ActorRef<TermBegun> owner;
    private final ActorContext<Command> context;
    private final JobChildren children;
    private final KnownViews views = new KnownViews();
    private final JobTallies tallies = new JobTallies();
    private final DirectoryQueries queries;
    private @Nullable Opened opened;

    private Directory(
            DirectorySettings settings, ActorRef<TermBegun> owner, ActorContext<Command> context) {
        super(PersistenceId.ofUniqueId("directory"), settings.patience().strategy());
        this.settings = settings;
        this.owner = owner;
        this.context = context;
        this.children = new JobChildren(this::start);
        this.queries =
                new DirectoryQueries(context::spawnAnonymous, settings, children, views, tallies);
    }

    public static Behavior<Command> create(DirectorySettings settings, ActorRef<TermBegun> owner) {
        return Behaviors.setup(context -> new Directory(settings, owner, context));
    }

    /** Asked for once; Akka reads the journal onto the same one again after it failed. */
    @Override
    public DirectoryState emptyState() {
        return DirectoryState.empty();
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
        children.clear();
        views.clear();
        opened = null;
        context.getSelf().tell(new Begin());
    }

    @Override
    public CommandHandler<Command, DirectoryEvent, DirectoryState> commandHandler() {
        return this::on;
    }

    private Effect<DirectoryEvent, DirectoryState> on(DirectoryState state, Command command) {
        return switch (command) {
            case Request request when opened == null -> Effect().stash();
            case SubmitBeside beside when opened == null -> Effect().stash();
            case SubmitBeside beside when state.named(beside).isEmpty() -> Effect().none();
            case SubmitBeside beside -> submit(state, state.named(beside).orElseThrow());
            case Submit submit -> submit(state, submit);
            case View view -> Effect().none().thenRun(now -> queries.view(now, view));
            case ListJobs list -> Effect().none().thenRun(now -> queries.list(now, list));
            case Measure measure -> Effect().none().thenRun(now -> queries.measure(now, measure));
            case Steer steer -> Effect().none().thenRun(now -> steer(now, steer));
            case RollBack back -> Effect().none().thenRun(now -> rollBack(now, back));
            case Recut(String job, JobCommand.Recut recut, var replyTo) ->
                    Effect().none().thenRun(now -> change(now, job, recut, replyTo));
            case Delete delete -> delete(state, delete);
            case AtWork(String output, var replyTo) ->
                    Effect().none().thenRun(now -> replyTo.tell(isAtWork(now, output)));
            case Joining joining -> join(state, joining);
            case Begin begin ->
                    persist(
                            List.of(
                                    new DirectoryEvent.TermStarted(
                                            state.term() + 1, settings.clock().instant())),
                            now -> owner.tell(new TermBegun(now.term(), context.getSelf())));
            case Open open when open.term() != state.term() -> Effect().none();
            case Open open ->
                    Effect()
                            .none()
                            .thenRun((DirectoryState now) -> open(now, open))
                            .thenUnstashAll();
            case Changed(JobView view) -> Effect().none().thenRun(now -> changed(now, view));
            case EntityStopped(String job, var entity) when !children.removes(job, entity) ->
                    Effect().none();
            case EntityStopped stopped -> Effect().none().thenRun(now -> stopped(stopped.job()));
            case Abandoned(String job) when !state.isOpen(job) -> Effect().none();
            case Abandoned(String job) ->
                    persist(
                            List.of(new DirectoryEvent.JobDeleted(job, settings.clock().instant())),
                            now -> children.retire(job));
            case Revive(String job) when opened == null || !state.isOpen(job) -> Effect().none();
            case Revive(String job) -> Effect().none().thenRun(now -> children.entity(job));
            case Ended ended when !state.isOpen(ended.job()) -> Effect().none();
            case Ended(String job, JobPhase phase) ->
                    persist(
                            List.of(
                                    new DirectoryEvent.JobClosed(
                                            job, phase, settings.clock().instant())),
                            now -> children.retire(job));
        };
    }

    private Effect<DirectoryEvent, DirectoryState> persist(
            List<DirectoryEvent> events, Consumer<DirectoryState> then) {
        long begin = System.nanoTime();
        return Effect()
                .persist(events)
                .thenRun(
                        now -> {
                            tallies.written(begin);
                            then.accept(now);
                        });
    }

    private void open(DirectoryState state, Open open) {
        opened = new Opened(open.term(), open.driver());
        state.jobs().keySet().stream().filter(state::isOpen).forEach(this::claim);
    }

    private void claim(String job) {
        ActorRef<Command> self = context.getSelf();
        children.entity(job).tell(new JobEntity.Claim(() -> self.tell(new Abandoned(job))));
    }

    private Effect<DirectoryEvent, DirectoryState> submit(DirectoryState state, Submit submit) {
        DirectoryState.Admission admission =
                state.admit(
                        new DirectoryEvent.JobListed(
                                settings.ids().apply(submit.spec().kind()),
                                submit.key(),
                                submit.spec().output(),
                                Optional.of(submit.user()),
                                Optional.of(submit.spec().kind()),
                                settings.clock().instant()),
                        settings.limits());
        return switch (admission) {
            case DirectoryState.Admission.Known(String job) ->
                    Effect().none().thenRun(now -> forward(job, submit));
            case DirectoryState.Admission.SameOutput(String job) ->
                    Effect().none().thenRun(now -> ask(job, submit));
            case DirectoryState.Admission.New(DirectoryEvent.JobListed event) ->
                    persist(List.of(event), now -> forward(event.job(), submit));
            case DirectoryState.Admission.Refused(String sentence) ->
                    Effect()
                            .none()
                            .thenRun(now -> submit.replyTo().tell(new JobReply.Refused(sentence)));
        };
    }

    private void forward(String job, Submit submit) {
        children.entity(job).tell(request(job, submit, submit.replyTo()));
    }

    private static JobEntity.Request request(
            String job, Submit submit, ActorRef<JobReply> replyTo) {
        return new JobEntity.Request(new JobCommand.Submit(job, submit.spec()), replyTo);
    }

    /** Only the job itself knows whether it was asked for the same. */
    private void ask(String job, Submit submit) {
        context.ask(
                JobReply.class,
                children.entity(job),
                settings.answerTimeout(),
                replyTo -> request(job, submit, replyTo),
                (reply, failure) -> new Joining(job, submit, Optional.ofNullable(reply)));
    }

    private Effect<DirectoryEvent, DirectoryState> join(DirectoryState state, Joining joining) {
        Submit submit = joining.submit();
        Consumer<DirectoryState> answer = now -> joining.reply().ifPresent(submit.replyTo()::tell);
        return joining.reply()
                .filter(JobReply.Done.class::isInstance)
                .flatMap(
                        _ ->
                                state.join(
                                        new DirectoryEvent.KeyJoined(
                                                joining.job(),
                                                submit.key(),
                                                Optional.of(submit.user()),
                                                settings.clock().instant())))
                .map(event -> persist(List.of(event), answer))
                .orElseGet(() -> Effect().none().thenRun(answer::accept));
    }

    private boolean isAtWork(DirectoryState state, String output) {
        Optional<JobPhase> phase = state.openAt(output).flatMap(views::get).map(JobView::phase);
        return phase.isPresent() && phase.get() != JobPhase.PAUSED;
    }

    /** A job that has ended is in the journal; there it may also be looked at again. */
    private void changed(DirectoryState state, JobView view) {
        if (!state.jobs().containsKey(view.id())) {
            return;
        }
        views.put(view);
        if (!state.isOpen(view.id())) {
            children.retire(view.id());
        }
    }

    /** What one job's journal holds is no matter of the others: they go on. */
    private void stopped(String job) {
        Duration pause = settings.patience().waitMax();
        context.getLog().error("job {}: its journal fails; again in {}", job, pause);
        context.scheduleOnce(pause, context.getSelf(), new Revive(job));
    }

    private Effect<DirectoryEvent, DirectoryState> delete(DirectoryState state, Delete delete) {
        String job = delete.job();
        ActorRef<JobReply> replyTo = delete.replyTo();
        if (!state.jobs().containsKey(job)) {
            return Effect().none().thenRun(now -> replyTo.tell(new JobReply.Missing(job)));
        }
        Optional<JobPhase> phase = views.get(job).map(JobView::phase);
        return switch (state.delete(job, phase, settings.clock().instant())) {
            case Decision.Rejected<DirectoryEvent>(String sentence) ->
                    Effect().none().thenRun(now -> replyTo.tell(new JobReply.Refused(sentence)));
            case Decision.Accepted<DirectoryEvent>(List<DirectoryEvent> events) ->
                    persist(
                            events,
                            now -> {
                                views.remove(job);
                                children.retire(job);
                                replyTo.tell(new JobReply.Deleted(job));
                            });
        };
    }

    private void steer(DirectoryState state, Steer steer) {
        JobCommand command = JobCommand.of(steer.verb(), state.term());
        change(state, steer.job(), command, steer.replyTo());
    }

    private void rollBack(DirectoryState state, RollBack back) {
        change(state, back.job(), new JobCommand.RollBack(back.step()), back.replyTo());
    }

    private void change(
            DirectoryState state, String job, JobCommand command, ActorRef<JobReply> replyTo) {
        if (state.jobs().containsKey(job)) {
            children.entity(job).tell(new JobEntity.Request(command, replyTo));
        } else {
            replyTo.tell(new JobReply.Missing(job));
        }
    }

    private ActorRef<JobEntity.Command> start(String job, String name) {
        Opened now = requireNonNull(opened, "no job may be driven before its term");
        ActorRef<Command> self = context.getSelf();
        JobEntity.Surroundings surroundings =
                new JobEntity.Surroundings(
                        now.term(),
                        now.driver(),
                        settings.clock(),
                        settings.patience(),
                        tallies,
                        view -> self.tell(new Changed(view)),
                        phase -> self.tell(new Ended(job, phase)));
        ActorRef<JobEntity.Command> entity =
                context.spawn(JobEntity.create(job, surroundings), name);
        context.watchWith(entity, new EntityStopped(job, entity));
        return entity;
    }
}
