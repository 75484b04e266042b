package io.accrete.coordinator.finetune;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;

import io.accrete.coordinator.drive.Desk;
import io.accrete.coordinator.drive.DriverInput;
import io.accrete.coordinator.drive.Staging;
import io.accrete.coordinator.job.DriverMessage;
import io.accrete.coordinator.job.JobCommand;
import io.accrete.coordinator.job.JobState;
import io.accrete.coordinator.job.TrainingState;
import io.accrete.coordinator.pool.JobOffer;
import io.accrete.coordinator.pool.TaskNotice;
import io.accrete.coordinator.pool.WorkerPool;
import io.accrete.protocol.job.JobView;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.job.ReasonCode;
import io.accrete.protocol.train.Checkpoint;
import io.accrete.protocol.train.MetricsMark;
import io.accrete.protocol.train.PlannedTraining;
import io.accrete.protocol.train.Rewind;
import io.accrete.protocol.train.TrainState;
import io.accrete.protocol.wire.Epoch;
import io.accrete.protocol.wire.LinkSecret;
import io.accrete.protocol.wire.StageAnswer;
import io.accrete.protocol.wire.StageCommand;
import io.accrete.protocol.wire.TaskFailure;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** The steps of a training: has its stages held, and does what {@link TrainCourse} says. */
final class TrainingPhase {
    /** After which a command is said again that was not answered. */
    private static final Duration REPEAT = Duration.ofSeconds(5);

    /** How often who is missing is looked for. */
    private static final Duration LOOK = Duration.ofMillis(250);

    private static final int SECRET_BYTES = 32;
    private static final SecureRandom RANDOM = new SecureRandom();

    /** Those that a view shows; the log has all. */
    private static final int NOTES_MAX = 10;

    private final Desk desk;
    private final PlannedTraining planned;
    private final TrainSetting setting;
    private final TrainCourse course;
    private final Grouping grouping;
    private final CourseFiles files;
    private final Map<Integer, ActorRef<StageCommand>> hosts = new HashMap<>();
    private final Deque<String> notes = new ArrayDeque<>();
    private String numericClass = "";
    private TrainingState recorded;

    private TrainingPhase(
            Desk desk, PlannedTraining planned, TrainingState recorded, TrainSetting setting) {
        this.desk = desk;
        this.planned = planned;
        this.recorded = recorded;
        this.setting = setting;
        this.grouping =
                new Grouping(
                        spread(recorded),
                        setting.gather(),
                        recorded.recoveries() > 0 && !recorded.done().over());
        this.files = new CourseFiles(desk);
        Staging staging = desk.staging();
        this.course =
                new TrainCourse(
                        planned,
                        (step, round) -> CheckpointFolders.of(staging, step, round),
                        staging.model().toString());
    }

    /**
     * @param job as it is journaled: the training goes on from there
     */
    static Behavior<DriverInput> begin(
            Desk desk, PlannedTraining planned, JobState job, TrainSetting setting) {
        TrainingPhase phase =
                new TrainingPhase(desk, planned, job.training().orElseThrow(), setting);
        job.numericClass().ifPresent(known -> phase.numericClass = known);
        phase.goOn();
        phase.look();
        desk.repeat(REPEAT, phase::again);
        desk.repeat(LOOK, phase::look);
        return Behaviors.receiveMessage(phase::on);
    }

    /**
     * Over how many processes the stages may be spread: where only the result is left, over one.
     */
    private static int spread(TrainingState training) {
        return training.done().over() ? 1 : training.plan().stages();
    }

    /** In so many groups; whatever was offered before is over. */
    private Behavior<DriverInput> offer(int groups) {
        List<JobOffer.Task> tasks = new ArrayList<>();
        for (int group = 0; group < groups; group++) {
            String name = Grouping.name(recorded.plan().stages(), groups, group);
            tasks.add(new JobOffer.Task(group, name, 0, true, Set.of()));
        }
        hosts.clear();
        Behavior<DriverInput> next = perform(course.divide(groups));
        desk.tellPool(
                new WorkerPool.Offer(
                        new JobOffer(
                                desk.job().id(),
                                recorded.plan().file(),
                                recorded.plan().sha256(),
                                new JobOffer.Kind.Stages(desk.stages()),
                                numericClass(),
                                tasks),
                        desk.notices()));
        return next;
    }

    private Optional<String> numericClass() {
        return numericClass.isEmpty() ? Optional.empty() : Optional.of(numericClass);
    }

    /** Whether somebody is missing, and who could take their place. */
    private Behavior<DriverInput> look() {
        if (course.missing() > 0) {
            desk.tellPool(
                    new WorkerPool.CountHands(desk.job().id(), numericClass(), desk.notices()));
        }
        return perform(course.look(System.nanoTime()));
    }

    /** From what is journaled. */
    private Behavior<DriverInput> goOn() {
        files.cutTo(recorded.done().metricsBytes());
        files.tidyUp(recorded, List.of());
        return perform(course.begin(recorded.recoveries(), new LinkSecret(secret()), recorded));
    }

    private static String secret() {
        byte[] bytes = new byte[SECRET_BYTES];
        RANDOM.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    private Behavior<DriverInput> on(DriverInput message) {
        return switch (message) {
            case DriverInput.FromStages(StageAnswer.Arrived arrival) -> {
                List<CourseEffect> effects = course.arrived(arrival);
                if (course.isCurrent(arrival)) {
                    hosts.put(arrival.group(), arrival.host());
                    numericClass = arrival.numericClass();
                }
                yield perform(effects);
            }
            case DriverInput.FromStages(StageAnswer.InRound answer) ->
                    perform(course.answered(answer, System.nanoTime()));
            case DriverInput.FromPool(TaskNotice notice) -> noticed(notice);
            case DriverInput.FromJob(DriverMessage.Recorded(var command, JobState job)) ->
                    recorded(command, job);
            case DriverInput.FromJob(DriverMessage.Describe(JobView view, var replyTo)) ->
                    desk.otherwise(
                            new DriverInput.FromJob(
                                    new DriverMessage.Describe(described(view), replyTo)));
            case DriverInput.FromJob other -> desk.otherwise(other);
            case DriverInput.WorkDone done -> desk.otherwise(done);
        };
    }

    private Behavior<DriverInput> again() {
        return perform(course.again());
    }

    private JobView described(JobView view) {
        return view.at(
                recorded.progress()
                        .at(course.state(), course.tokensPerSecond(), List.copyOf(notes)));
    }

    private Behavior<DriverInput> noticed(TaskNotice notice) {
        switch (notice) {
            case TaskNotice.StagesLost(int group, Epoch lease, String why) -> {
                course.lost(group, lease, why);
                return look();
            }
            case TaskNotice.Hands hands -> {
                OptionalInt groups = grouping.look(hands, course.missing(), System.nanoTime());
                return groups.isPresent() ? offer(groups.getAsInt()) : Behaviors.same();
            }
            case TaskNotice.GivenUp givenUp -> {
                return giveUp(
                        givenUp.failure().kind(),
                        Problem.error("RES-203", null, givenUp.failure().message(), ""));
            }
            case TaskNotice.ClassMissing(String missing) -> {
                return desk.pause(
                        ReasonCode.TASK_FAILED,
                        "no worker of numeric class %s is there, in which the steps so far were"
                                        .formatted(missing)
                                + " computed: another would end with other bits. Start one, and"
                                + " resume the job");
            }
            case TaskNotice.Finished _ -> {} // stages have no end of their own
        }
        return Behaviors.same();
    }

    private Behavior<DriverInput> perform(List<CourseEffect> effects) {
        Behavior<DriverInput> next = Behaviors.same();
        for (CourseEffect effect : effects) {
            switch (effect) {
                case CourseEffect.Send(int group, StageCommand command) ->
                        Optional.ofNullable(hosts.get(group)).orElseThrow().tell(command);
                case CourseEffect.Suspect(List<Epoch> gone) ->
                        desk.tellPool(new WorkerPool.Suspect(desk.job().id(), gone));
                case CourseEffect.Write(String text) -> files.write(text, course::written);
                case CourseEffect.Compare(StageCommand.InCourse last) ->
                        files.compare(
                                last.bearings().metrics(),
                                fits -> perform(course.compared(last, fits, System.nanoTime())));
                case CourseEffect.TakeUp(MetricsMark metrics) -> {
                    files.cutTo(metrics.inFile());
                    files.write(metrics.unwritten(), course::written);
                }
                case CourseEffect.Discard(long round) -> files.discard(recorded, round);
                case CourseEffect.Commit(Checkpoint checkpoint, TrainState state) ->
                        commit(checkpoint, state);
                case CourseEffect.StepBack(String reason) -> stepBack(reason);
                case CourseEffect.GoBack(Rewind rewind) -> goBack(rewind);
                case CourseEffect.Note(String sentence) -> note(sentence);
                case CourseEffect.Pause(String reason) ->
                        next = desk.pause(ReasonCode.LOSS_SPIKE, reason);
                case CourseEffect.Complete complete -> next = complete(complete);
                case CourseEffect.GiveUp(TaskFailure.Kind kind, Problem problem) ->
                        next = giveUp(kind, problem);
            }
        }
        return next;
    }

    private void note(String sentence) {
        desk.note(sentence);
        notes.addLast(sentence);
        if (notes.size() > NOTES_MAX) {
            notes.removeFirst();
        }
    }

    private void commit(Checkpoint checkpoint, TrainState state) {
        files.commit(
                checkpoint,
                durable -> {
                    desk.report(new JobCommand.CommitCheckpoint(durable, state, numericClass));
                    return Behaviors.same();
                });
    }

    /** After whatever is being made durable, so that it counts. */
    private void stepBack(String reason) {
        desk.later(
                () -> reason,
                why -> {
                    desk.report(
                            new JobCommand.TakeStock(
                                    List.of(), recorded.checkpoints().size(), why));
                    return Behaviors.same();
                },
                failure -> desk.pauseFor(failure, "stepping back", 0));
    }

    /** After whatever is being made durable. Once it is journaled, another driver takes stock. */
    private void goBack(Rewind rewind) {
        desk.later(
                () -> rewind,
                back -> {
                    desk.report(new JobCommand.Rewound(back));
                    return Behaviors.same();
                },
                failure -> desk.pauseFor(failure, "going back", 0));
    }

    private Behavior<DriverInput> recorded(JobCommand command, JobState job) {
        List<String> before = CheckpointFolders.of(recorded);
        recorded = job.training().orElseThrow();
        return switch (command) {
            case JobCommand.CommitCheckpoint(Checkpoint checkpoint, var _, var _) -> {
                desk.tellPool(new WorkerPool.Advanced(job.id()));
                prune(before);
                yield perform(course.committed(checkpoint, System.nanoTime()));
            }
            case JobCommand.TakeStock _ -> goOn();
            default -> Behaviors.same();
        };
    }

    private void prune(List<String> before) {
        List<String> dropped = new ArrayList<>(before);
        dropped.removeAll(CheckpointFolders.of(recorded));
        files.tidyUp(recorded, dropped);
    }

    /** The stages have done what they were held for. */
    private Behavior<DriverInput> complete(CourseEffect.Complete result) {
        desk.tellPool(new WorkerPool.Withdraw(desk.job().id(), desk.notices()));
        files.sync();
        return ResultPhase.begin(
                desk, planned, recorded, result, course.tokensPerSecond(), setting);
    }

    private Behavior<DriverInput> giveUp(TaskFailure.Kind kind, Problem problem) {
        return switch (kind) {
            case SOURCE_CHANGED ->
                    desk.fail(
                            new JobCommand.Fail(
                                    ReasonCode.SOURCE_CHANGED,
                                    problem.message(),
                                    List.of(problem)));
            case UNABLE ->
                    desk.fail(
                            new JobCommand.Fail(
                                    ReasonCode.PLAN_REFUSED, problem.message(), List.of(problem)));
            case DISK_FULL -> desk.pause(ReasonCode.DISK_FULL, problem.message());
            case IO, INTERNAL, ABANDONED ->
                    desk.pause(
                            ReasonCode.TASK_FAILED,
                            "the stages failed again and again, last: %s. What is saved is kept"
                                    .formatted(problem.message()));
        };
    }
}
