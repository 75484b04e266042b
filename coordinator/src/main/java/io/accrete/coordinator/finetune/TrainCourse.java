package io.accrete.coordinator.finetune;

import io.accrete.coordinator.job.TrainingState;
import io.accrete.protocol.job.JobEvent;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.train.Checkpoint;
import io.accrete.protocol.train.CheckpointPart;
import io.accrete.protocol.train.PlannedTraining;
import io.accrete.protocol.train.Rewind;
import io.accrete.protocol.train.StepVerdict;
import io.accrete.protocol.train.TrainJob;
import io.accrete.protocol.train.TrainState;
import io.accrete.protocol.wire.Epoch;
import io.accrete.protocol.wire.StageAnswer;
import io.accrete.protocol.wire.StageCommand;
import io.accrete.protocol.wire.TaskFailure;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;

/**
 * How a training goes on: which command follows on which answers. It knows no actor, no file and no
 * clock: time is a parameter, everything to be done is returned.
 *
 * <p>All groups of stages do the same command at the same time; the next is given when all have
 * answered. A group that comes anew, since its worker was lost, brings all of them back to what is
 * journaled, under a higher round; whatever comes late from a lower one has no effect.
 */
final class TrainCourse {
    /** Failures between two checkpoints. */
    private static final int ATTEMPTS_MAX = 3;

    private final TrainJob job;
    private final PlannedTraining planned;
    private final int groups;
    private final BiFunction<Integer, Long, String> folders;
    private final String result;
    private final Map<Integer, Epoch> leases = new HashMap<>();

    private long round;
    private Optional<Checkpoint> from;
    private Optional<Checkpoint> best = Optional.empty();
    private TrainState state;
    private List<Rewind> rewinds = List.of();
    private Phase phase = Phase.GATHERING;
    private @Nullable StageCommand command;
    private final Map<Integer, StageAnswer> answers = new TreeMap<>();

    /** On the last step, until a command carries it. */
    private Optional<StepVerdict> verdict = Optional.empty();

    private long stepBegunNanos;
    private boolean committing;
    private int failures;
    private Optional<String> loss = Optional.empty();
    private Optional<Pace> pace = Optional.empty();

    private enum Phase {
        /** Not all groups are there. */
        GATHERING,
        /** All groups do {@code command}. */
        COMMANDED,
        /** An earlier checkpoint has to be journaled before the next thing is done. */
        COMMITTING,
        /** The driver takes stock. */
        STEPPING_BACK,
        ENDED
    }

    /**
     * @param planned what is to be carried out
     * @param groups into which the stages are divided
     * @param folders of checkpoints, by step and round
     * @param result folder into which the weights of the result are written
     */
    TrainCourse(
            PlannedTraining planned,
            int groups,
            BiFunction<Integer, Long, String> folders,
            String result) {
        this.planned = planned;
        this.job = planned.job();
        this.groups = groups;
        this.folders = folders;
        this.result = result;
        this.from = Optional.empty();
        this.state = TrainState.START;
    }

    TrainState state() {
        return state;
    }

    /** Of all that is done since the stages began. */
    Optional<Double> tokensPerSecond(long now) {
        return pace.flatMap(since -> since.tokensPerSecond(state.tokens(), now));
    }

    /** Goes on, or begins, from what is journaled. */
    List<CourseEffect> begin(long newRound, TrainingState journaled) {
        round = newRound;
        from = journaled.latest().map(JobEvent.CheckpointCommitted::checkpoint);
        best = journaled.best();
        state = journaled.done();
        rewinds = journaled.rewinds();
        committing = false;
        pace = Optional.empty();
        phase = Phase.GATHERING;
        command = null;
        verdict = Optional.empty();
        loss = Optional.empty();
        return standing().isToPause() ? pause() : gathered();
    }

    private List<CourseEffect> pause() {
        phase = Phase.ENDED;
        return List.of(new CourseEffect.Pause(state.guard().pause().orElseThrow()));
    }

    private List<CourseEffect> gathered() {
        if (leases.size() < groups) {
            return List.of();
        }
        return standing().isOver() ? export() : beginPhase();
    }

    /** Stages begin where the training stands: in its phase, or in the next if that is over. */
    private List<CourseEffect> beginPhase() {
        List<CourseEffect> effects = new ArrayList<>();
        if (standing().isPhaseOver()) {
            state = state.inNextPhase();
            effects.add(new CourseEffect.Note(standing().words()));
        }
        effects.addAll(
                tellAll(
                        new StageCommand.Begin(
                                round, state.phase().number(), from, standing().inherits())));
        return effects;
    }

    private Standing standing() {
        return new Standing(planned, state);
    }

    /** A group was lost; another worker will come with it. */
    void lost(String why) {
        loss = Optional.of(why);
    }

    List<CourseEffect> arrived(StageAnswer.Arrived arrival) {
        Epoch known = leases.get(arrival.group());
        int order = known == null ? 1 : arrival.lease().compareTo(known);
        if (order < 0 || arrival.group() >= groups) {
            return List.of();
        }
        if (order == 0) {
            return again(Set.of(arrival.group()));
        }
        leases.put(arrival.group(), arrival.lease());
        return switch (phase) {
            case GATHERING -> gathered();
            case STEPPING_BACK, ENDED -> List.of();
            case COMMANDED, COMMITTING ->
                    stepBack(
                            loss.orElse("a worker was lost")
                                    + "; its stages are on worker %s now"
                                            .formatted(arrival.worker()));
        };
    }

    /** Whether the group is held under that lease, and no older one. */
    boolean isCurrent(StageAnswer.Arrived arrival) {
        return arrival.lease().equals(leases.get(arrival.group()));
    }

    /** Says the command again to those that have not answered it. */
    List<CourseEffect> again() {
        return again(leases.keySet());
    }

    private List<CourseEffect> again(Set<Integer> to) {
        List<CourseEffect> effects = new ArrayList<>();
        StageCommand open = command;
        if (phase == Phase.COMMANDED && open != null) {
            boolean one = open instanceof StageCommand.Export;
            to.stream()
                    .filter(group -> !answers.containsKey(group) && (!one || group == 0))
                    .sorted()
                    .forEach(group -> effects.add(new CourseEffect.Send(group, open)));
        }
        return effects;
    }

    List<CourseEffect> answered(StageAnswer.InRound answer, long now) {
        if (answer.round() != round || phase != Phase.COMMANDED || command == null) {
            return List.of();
        }
        if (answer instanceof StageAnswer.Unable(int group, long in, var kind, var problem)) {
            return unable(kind, problem);
        }
        if (!GroupAnswers.fit(command, answer)) {
            return List.of();
        }
        answers.put(answer.group(), answer);
        int expected = command instanceof StageCommand.Export ? 1 : groups;
        return answers.size() < expected ? List.of() : all(command, now);
    }

    /** What may pass is tried again, from what is journaled, a bounded number of times. */
    private List<CourseEffect> unable(TaskFailure.Kind kind, Problem problem) {
        boolean passing = kind == TaskFailure.Kind.IO || kind == TaskFailure.Kind.INTERNAL;
        if (passing && ++failures < ATTEMPTS_MAX) {
            return stepBack(problem.message());
        }
        phase = Phase.ENDED;
        return List.of(new CourseEffect.GiveUp(kind, problem));
    }

    /** All groups have answered. */
    private List<CourseEffect> all(StageCommand done, long now) {
        List<StageAnswer> all = List.copyOf(answers.values());
        return switch (done) {
            case StageCommand.Begin _ -> begun(all, now);
            case StageCommand.Step step -> stepped(step.step(), all, now);
            case StageCommand.Score score -> scored(score.step(), all, now);
            case StageCommand.Save save -> saved(save, all, now);
            case StageCommand.Export _ -> exported(all);
        };
    }

    private List<CourseEffect> begun(List<StageAnswer> all, long now) {
        List<CourseEffect> effects = new ArrayList<>();
        pace = Optional.of(new Pace(now, state.tokens()));
        if (state.step() == 0) {
            effects.addAll(GroupAnswers.remarks(all));
        }
        boolean judged = state.validationBefore().isPresent() || job.data().validation().isEmpty();
        effects.addAll(
                state.step() == 0 && !judged
                        ? tellAll(new StageCommand.Score(round, takeVerdict(), 0))
                        : step(now));
        return effects;
    }

    private List<CourseEffect> step(long now) {
        stepBegunNanos = now;
        List<CourseEffect> effects = new ArrayList<>(rewound());
        effects.addAll(
                tellAll(
                        new StageCommand.Step(
                                round, takeVerdict(), state.step() + 1, state.rows())));
        return effects;
    }

    /** Where the training has been and went back to it goes on in another way. */
    private List<CourseEffect> rewound() {
        Optional<Rewind> due = standing().due(rewinds);
        if (due.isEmpty()) {
            return List.of();
        }
        Rewind back = due.get();
        String line = MetricsLine.ofRewind(back);
        state = state.rewound(back, MetricsLine.bytes(line));
        return List.of(new CourseEffect.Note(back.reason()), new CourseEffect.Write(line));
    }

    private List<CourseEffect> stepped(int step, List<StageAnswer> all, long now) {
        double seconds = (now - stepBegunNanos) / 1e9;
        JudgedStep judged = JudgedStep.of(standing(), step, GroupAnswers.figures(all), seconds);
        if (judged.rewind().isPresent()) {
            phase = Phase.STEPPING_BACK;
            command = null;
            return List.of(new CourseEffect.GoBack(judged.rewind().get()));
        }
        List<CourseEffect> effects = new ArrayList<>();
        judged.note().map(CourseEffect.Note::new).ifPresent(effects::add);
        effects.add(new CourseEffect.Write(judged.line()));
        verdict = Optional.of(judged.verdict());
        state = judged.after();
        boolean due = standing().isPhaseOver() || step % job.monitor().validateEvery() == 0;
        effects.addAll(
                due && !job.data().validation().isEmpty()
                        ? tellAll(new StageCommand.Score(round, takeVerdict(), step))
                        : saveOrGoOn(now));
        return effects;
    }

    private List<CourseEffect> scored(int step, List<StageAnswer> all, long now) {
        GroupAnswers.Validation found = GroupAnswers.validation(all);
        String line = MetricsLine.ofValidation(step, found.mean(), found.tokens());
        state = standing().validated(found.mean(), MetricsLine.bytes(line));
        List<CourseEffect> effects = new ArrayList<>();
        effects.add(new CourseEffect.Write(line));
        effects.addAll(step == 0 ? step(now) : saveOrGoOn(now));
        return effects;
    }

    private List<CourseEffect> saveOrGoOn(long now) {
        int step = state.step();
        boolean due = step % job.checkpoint().every() == 0 || standing().isToPause();
        if (!standing().isPhaseOver() && !due && !standing().isBest(step)) {
            return step(now);
        }
        if (committing) {
            phase = Phase.COMMITTING;
            return List.of();
        }
        return tellAll(
                new StageCommand.Save(round, takeVerdict(), step, folders.apply(step, round)));
    }

    private List<CourseEffect> saved(StageCommand.Save save, List<StageAnswer> all, long now) {
        List<CheckpointPart> parts = GroupAnswers.parts(all);
        committing = true;
        state = standing().isOver() ? state.atTheEnd() : state;
        Checkpoint written = new Checkpoint(save.step(), save.folder(), parts);
        List<CourseEffect> effects = new ArrayList<>();
        effects.add(new CourseEffect.Commit(written, state));
        if (standing().isPhaseOver() || standing().isToPause()) {
            phase = Phase.COMMITTING;
        } else {
            effects.addAll(step(now));
        }
        return effects;
    }

    /** A checkpoint is journaled. */
    List<CourseEffect> committed(Checkpoint checkpoint, long now) {
        committing = false;
        failures = 0;
        from = Optional.of(checkpoint);
        best = standing().isBest(checkpoint.step()) ? from : best;
        if (phase != Phase.COMMITTING) {
            return List.of();
        }
        if (checkpoint.step() < state.step()) {
            return saveOrGoOn(now);
        }
        if (standing().isToPause()) {
            return pause();
        }
        return standing().isOver() ? export() : beginPhase();
    }

    /** Any one group can write the result: all that it needs is on the disk. */
    private List<CourseEffect> export() {
        Checkpoint published = best.or(() -> from).orElseThrow();
        return tell(List.of(0), new StageCommand.Export(round, published, result));
    }

    private List<CourseEffect> exported(List<StageAnswer> all) {
        phase = Phase.ENDED;
        var exported = (StageAnswer.Exported) all.getFirst();
        return List.of(new CourseEffect.Complete(exported.shards(), exported.examination()));
    }

    private Optional<StepVerdict> takeVerdict() {
        Optional<StepVerdict> taken = verdict;
        verdict = Optional.empty();
        return taken;
    }

    private List<CourseEffect> stepBack(String reason) {
        phase = Phase.STEPPING_BACK;
        command = null;
        return List.of(new CourseEffect.StepBack(reason));
    }

    private List<CourseEffect> tellAll(StageCommand next) {
        return tell(groupNumbers(), next);
    }

    private List<CourseEffect> tell(List<Integer> to, StageCommand next) {
        phase = Phase.COMMANDED;
        command = next;
        answers.clear();
        List<CourseEffect> effects = new ArrayList<>();
        to.forEach(group -> effects.add(new CourseEffect.Send(group, next)));
        return effects;
    }

    private List<Integer> groupNumbers() {
        return leases.keySet().stream().sorted().toList();
    }
}
