package io.accrete.coordinator.finetune;

import io.accrete.coordinator.job.TrainingState;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.train.Checkpoint;
import io.accrete.protocol.train.PlannedTraining;
import io.accrete.protocol.train.Rewind;
import io.accrete.protocol.train.TrainState;
import io.accrete.protocol.wire.Epoch;
import io.accrete.protocol.wire.LinkSecret;
import io.accrete.protocol.wire.Seating;
import io.accrete.protocol.wire.StageAnswer;
import io.accrete.protocol.wire.StageCommand;
import io.accrete.protocol.wire.StageCommand.InCourse;
import io.accrete.protocol.wire.TaskFailure;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * Which command follows on which answers of a training. It knows no actor, no file and no clock.
 *
 * <p>All groups of stages do the same command at the same time; the next is given when all have
 * answered. A group that comes anew, since its worker was lost, brings all of them back to what is
 * journaled, under a higher round; whatever comes late from a lower one has no effect.
 */
final class TrainCourse {
    private final PlannedTraining planned;
    private final String result;
    private final Holders holders = new Holders();
    private final Troubles troubles = new Troubles();
    private final Logbook log;

    private long round;
    private LinkSecret secret = new LinkSecret("");
    private TrainState state = TrainState.START;
    private CoursePhase phase = CoursePhase.GATHERING;
    private @Nullable OpenCommand command;
    private long stepBegunNanos;

    /** Stages have begun, or gone on, for this driver. */
    private boolean begun;

    private Optional<Pace> pace = Optional.empty();

    /**
     * @param planned what is to be carried out
     * @param folders of checkpoints, by step and round
     * @param result folder into which the weights of the result are written
     */
    TrainCourse(PlannedTraining planned, BiFunction<Integer, Long, String> folders, String result) {
        this.planned = planned;
        this.log = new Logbook(folders);
        this.result = result;
    }

    TrainState state() {
        return state;
    }

    /** Of all steps that are done since the stages began. */
    Optional<Double> tokensPerSecond() {
        return pace.flatMap(Pace::tokensPerSecond);
    }

    /**
     * Goes on, or begins, from what is journaled.
     *
     * @param fresh of the new round
     */
    List<CourseEffect> begin(long newRound, LinkSecret fresh, TrainingState journaled) {
        round = newRound;
        secret = fresh;
        log.begin(journaled);
        state = journaled.done();
        pace = Optional.empty();
        phase = CoursePhase.GATHERING;
        command = null;
        troubles.begin();
        return standing().isToPause() ? pause() : gathered();
    }

    private List<CourseEffect> pause() {
        phase = CoursePhase.ENDED;
        return List.of(new CourseEffect.Pause(state.guard().pause().orElseThrow()));
    }

    private List<CourseEffect> gathered() {
        if (holders.missing() > 0) {
            return List.of();
        }
        Optional<InCourse> last = takeOver();
        if (last.isPresent()) {
            phase = CoursePhase.COMPARING;
            return List.of(new CourseEffect.Compare(last.get()));
        }
        return standing().isOver() ? export() : beginPhase();
    }

    /** What the stages do or have done for a driver before this one, if it can go on from there. */
    private Optional<InCourse> takeOver() {
        return begun || standing().isOver() ? Optional.empty() : log.takeOver(holders.kept());
    }

    /**
     * @param last what is to be gone on from
     * @param fits whether the file of metrics has what belongs to it
     */
    List<CourseEffect> compared(InCourse last, boolean fits, long now) {
        if (phase != CoursePhase.COMPARING) {
            return List.of();
        }
        phase = CoursePhase.GATHERING;
        if (holders.missing() > 0) {
            return List.of();
        }
        if (!fits || !takeOver().equals(Optional.of(last))) {
            return beginPhase();
        }
        begun = true;
        round = last.round();
        state = last.bearings().state();
        pace = Optional.of(Pace.since(now, state.tokens()));
        stepBegunNanos = now;
        List<CourseEffect> effects = new ArrayList<>(log.goOn(last));
        effects.addAll(tellAll(last));
        return effects;
    }

    /** Stages begin where the training stands: in its phase, or in the next if that is over. */
    private List<CourseEffect> beginPhase() {
        begun = true;
        List<CourseEffect> effects = new ArrayList<>();
        if (standing().isPhaseOver()) {
            state = state.inNextPhase();
            effects.add(new CourseEffect.Note(standing().words()));
        }
        int number = state.phase().number();
        int stages = standing().phase().plan().stages().size();
        Seating seating = holders.seating(round, number, secret, stages);
        effects.addAll(tellAll(log.begin(round, state, standing().inherits(), seating)));
        return effects;
    }

    private Standing standing() {
        return new Standing(planned, state);
    }

    /** Groups that nobody holds. */
    int missing() {
        return phase == CoursePhase.ENDED ? 0 : holders.missing();
    }

    /** A group was lost; another worker will come with it, or the stages are divided anew. */
    void lost(int group, Epoch lease, String why) {
        holders.lost(group, lease);
        troubles.lost(why);
    }

    /** The stages are offered in so many groups from now on; what was held is over. */
    List<CourseEffect> divide(int groups) {
        holders.divide(groups);
        return setBack("; the stages are divided among %d now".formatted(groups));
    }

    List<CourseEffect> arrived(StageAnswer.Arrived arrival) {
        return switch (holders.arrived(arrival)) {
            case OLD -> List.of();
            case REPEATED -> open().map(c -> c.sends(arrival.group())).orElse(List.of());
            case NEW ->
                    phase.isBefore()
                            ? gathered()
                            : setBack("; its stages are on worker " + arrival.worker());
        };
    }

    /** Who was in the middle of something has lost it with a group. */
    private List<CourseEffect> setBack(String what) {
        return switch (phase) {
            case GATHERING, COMPARING, STEPPING_BACK, ENDED -> List.of();
            case COMMANDED, COMMITTING, BROKEN -> stepBack(troubles.ofLoss(what));
        };
    }

    /** Whether the group is held under that lease, and no older one. */
    boolean isCurrent(StageAnswer.Arrived arrival) {
        return holders.isCurrent(arrival);
    }

    /** Says the command again to those that have not answered it. */
    List<CourseEffect> again() {
        return open().map(OpenCommand::sends).orElse(List.of());
    }

    /** What all groups do. */
    private Optional<OpenCommand> open() {
        return phase == CoursePhase.COMMANDED ? Optional.ofNullable(command) : Optional.empty();
    }

    /** Goes on without knowing why an edge broke, if everybody is still there. */
    List<CourseEffect> look(long now) {
        boolean mended =
                phase == CoursePhase.BROKEN && holders.missing() == 0 && troubles.isOld(now);
        return mended ? unable(TaskFailure.Kind.IO, troubles.breach()) : List.of();
    }

    List<CourseEffect> answered(StageAnswer.InRound answer, long now) {
        if (answer.round() != round || !phase.isOpen()) {
            return List.of();
        }
        if (answer instanceof StageAnswer.Unable(int _, long _, var kind, var problem)) {
            return unable(kind, problem);
        }
        if (answer instanceof StageAnswer.EdgeBroken told) {
            return command != null && command.isOf(told) ? broken(told, now) : List.of();
        }
        Optional<OpenCommand> open = open();
        return open.isPresent() && open.get().completes(answer) ? all(open.get(), now) : List.of();
    }

    /** The first one counts, and whoever knows of a process that is gone. */
    private List<CourseEffect> broken(StageAnswer.EdgeBroken told, long now) {
        boolean first = phase == CoursePhase.COMMANDED;
        phase = CoursePhase.BROKEN;
        return troubles.broke(first, told.why(), holders.at(told.refusing()), now);
    }

    /** What may pass is tried again, from what is journaled. */
    private List<CourseEffect> unable(TaskFailure.Kind kind, Problem problem) {
        if (troubles.mayPass(kind)) {
            return stepBack(problem.message());
        }
        phase = CoursePhase.ENDED;
        return List.of(new CourseEffect.GiveUp(kind, problem));
    }

    /** All groups have answered. */
    private List<CourseEffect> all(OpenCommand done, long now) {
        List<StageAnswer> all = done.answers();
        Optional<Problem> unsound = standing().unsound(all);
        if (unsound.isPresent()) {
            return unable(TaskFailure.Kind.UNABLE, unsound.get());
        }
        return switch (done.command()) {
            case StageCommand.Begin _ -> begun(all, now);
            case StageCommand.Step step -> stepped(step.step(), all, now);
            case StageCommand.Score score -> scored(score.step(), all, now);
            case StageCommand.Save save -> saved(save, now);
            case StageCommand.Settle _ -> settled(all, now);
            case StageCommand.Export _ -> exported(all);
        };
    }

    private List<CourseEffect> begun(List<StageAnswer> all, long now) {
        List<CourseEffect> effects = new ArrayList<>(List.of(new CourseEffect.Discard(round)));
        pace = Optional.of(Pace.since(now, state.tokens()));
        if (state.step() == 0) {
            effects.addAll(GroupAnswers.remarks(all));
        }
        effects.addAll(standing().isToLookFirst() ? tellAll(log.score(round, state)) : step(now));
        return effects;
    }

    private List<CourseEffect> step(long now) {
        stepBegunNanos = now;
        List<CourseEffect> effects = new ArrayList<>(rewound());
        effects.addAll(tellAll(log.step(round, state)));
        return effects;
    }

    /** Where the training has been and went back to it goes on in another way. */
    private List<CourseEffect> rewound() {
        Optional<Rewind> due = standing().due(log.rewinds());
        if (due.isEmpty()) {
            return List.of();
        }
        Rewind back = due.get();
        String line = MetricsLine.ofRewind(back);
        state = state.rewound(back, MetricsLine.bytes(line));
        return List.of(new CourseEffect.Note(back.reason()), log.line(line));
    }

    private List<CourseEffect> stepped(int step, List<StageAnswer> all, long now) {
        double seconds = (now - stepBegunNanos) / 1e9;
        JudgedStep judged = JudgedStep.of(standing(), step, GroupAnswers.figures(all), seconds);
        if (judged.rewind().isPresent()) {
            phase = CoursePhase.STEPPING_BACK;
            command = null;
            return List.of(new CourseEffect.GoBack(judged.rewind().get()));
        }
        List<CourseEffect> effects = new ArrayList<>();
        judged.note().map(CourseEffect.Note::new).ifPresent(effects::add);
        effects.add(log.line(judged.line()));
        log.judged(judged.verdict());
        state = judged.after();
        pace = pace.map(known -> known.until(now, state.tokens()));
        log.saving().look(GroupAnswers.settled(all));
        effects.addAll(standing().isToLook() ? tellAll(log.score(round, state)) : saveOrGoOn(now));
        return effects;
    }

    private List<CourseEffect> scored(int step, List<StageAnswer> all, long now) {
        JudgedLook look = JudgedLook.of(standing(), step, all);
        state = look.after();
        List<CourseEffect> effects = new ArrayList<>();
        look.lines().forEach(line -> effects.add(log.line(line)));
        effects.addAll(step == 0 ? step(now) : saveOrGoOn(now));
        return effects;
    }

    private List<CourseEffect> saveOrGoOn(long now) {
        boolean due = standing().isToSave();
        if (log.saving().isToSettle(due)) {
            return tellAll(log.settle(round, state));
        }
        if (!due) {
            return step(now);
        }
        if (log.isCommitting()) {
            phase = CoursePhase.COMMITTING;
            return List.of();
        }
        return tellAll(log.save(round, state));
    }

    private List<CourseEffect> saved(StageCommand.Save save, long now) {
        state = standing().isOver() ? state.atTheEnd() : state;
        log.saving().opened(new OpenSave(save.step(), save.folder(), state));
        boolean waits = standing().isPhaseOver() || standing().isToPause();
        return waits ? tellAll(log.settle(round, state)) : step(now);
    }

    private List<CourseEffect> settled(List<StageAnswer> all, long now) {
        OpenSave done = log.saving().settled();
        Checkpoint written = new Checkpoint(done.step(), done.folder(), GroupAnswers.parts(all));
        List<CourseEffect> effects = new ArrayList<>(List.of(log.commit(written, done.state())));
        if (done.step() == state.step()) {
            phase = CoursePhase.COMMITTING;
        } else {
            effects.addAll(saveOrGoOn(now));
        }
        return effects;
    }

    /** The file of metrics has so many bytes now. */
    void written(long bytes) {
        log.written(bytes);
    }

    /** A checkpoint is journaled. */
    List<CourseEffect> committed(Checkpoint checkpoint, long now) {
        log.committed(checkpoint, standing().isBest(checkpoint.step()));
        troubles.forget();
        if (phase != CoursePhase.COMMITTING) {
            return List.of();
        }
        if (checkpoint.step() < state.step()) {
            return saveOrGoOn(now);
        }
        if (standing().isToPause()) {
            return pause();
        }
        phase = CoursePhase.GATHERING;
        command = null;
        return gathered();
    }

    /** Any one group can write the result: all that it needs is on the disk. */
    private List<CourseEffect> export() {
        StageCommand export = new StageCommand.Export(round, log.published(), result);
        return tell(new OpenCommand(export, List.of(0), 1));
    }

    private List<CourseEffect> exported(List<StageAnswer> all) {
        phase = CoursePhase.ENDED;
        var exported = (StageAnswer.Exported) all.getFirst();
        return List.of(new CourseEffect.Complete(exported.shards(), exported.examination()));
    }

    private List<CourseEffect> stepBack(String reason) {
        phase = CoursePhase.STEPPING_BACK;
        command = null;
        return List.of(new CourseEffect.StepBack(reason));
    }

    private List<CourseEffect> tellAll(StageCommand next) {
        return tell(new OpenCommand(next, holders.present(), holders.groups()));
    }

    private List<CourseEffect> tell(OpenCommand next) {
        phase = CoursePhase.COMMANDED;
        command = next;
        return next.sends();
    }
}
