package io.accrete.coordinator.finetune;

import io.accrete.coordinator.job.TrainingState;
import io.accrete.protocol.job.JobEvent;
import io.accrete.protocol.train.Bearings;
import io.accrete.protocol.train.Checkpoint;
import io.accrete.protocol.train.MetricsMark;
import io.accrete.protocol.train.Rewind;
import io.accrete.protocol.train.StepVerdict;
import io.accrete.protocol.train.TrainState;
import io.accrete.protocol.wire.Seating;
import io.accrete.protocol.wire.StageCommand;
import io.accrete.protocol.wire.StageCommand.InCourse;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * What a training has journaled and written, beside its state; and the commands, which say so to
 * whoever goes on from them.
 */
final class Logbook {
    private final BiFunction<Integer, Long, String> folders;
    private int turns;
    private long commands;
    private Optional<Checkpoint> from = Optional.empty();
    private Optional<Checkpoint> best = Optional.empty();
    private List<Rewind> rewinds = List.of();
    private final Saving saving = new Saving();
    private Optional<Bearings.Unjournaled> unjournaled = Optional.empty();
    private MetricsMark metrics = MetricsMark.from(0);

    /** On the last step, until a command carries it. */
    private Optional<StepVerdict> verdict = Optional.empty();

    /**
     * @param folders of checkpoints, by step and round
     */
    Logbook(BiFunction<Integer, Long, String> folders) {
        this.folders = folders;
    }

    /** The stages begin anew, from what is journaled. */
    void begin(TrainingState journaled) {
        turns = journaled.turns();
        commands = 0;
        from = journaled.latest().map(JobEvent.CheckpointCommitted::checkpoint);
        best = journaled.best();
        rewinds = journaled.rewinds();
        saving.forget();
        unjournaled = Optional.empty();
        metrics = MetricsMark.from(journaled.done().metricsBytes());
        verdict = Optional.empty();
    }

    /** The checkpoint whose weights are the result, if no step follows. */
    Checkpoint published() {
        return best.or(() -> from).orElseThrow();
    }

    List<Rewind> rewinds() {
        return rewinds;
    }

    /** Whether a checkpoint is on its way into the journal. */
    boolean isCommitting() {
        return unjournaled.isPresent();
    }

    /** A line goes to the end of the file of metrics. */
    CourseEffect line(String line) {
        metrics = metrics.with(line);
        return new CourseEffect.Write(line);
    }

    /** The file of metrics has so many bytes now. */
    void written(long bytes) {
        metrics = metrics.written(bytes);
    }

    /** What is done with the gradients of the last step. */
    void judged(StepVerdict judged) {
        verdict = Optional.of(judged);
    }

    /**
     * @param inherits whether the stages begin with the end of another phase
     */
    StageCommand begin(long round, TrainState state, boolean inherits, Seating seating) {
        int phase = state.phase().number();
        return new StageCommand.Begin(round, phase, from, inherits, seating, next(state));
    }

    StageCommand step(long round, TrainState state) {
        return new StageCommand.Step(
                round, takeVerdict(), state.step() + 1, state.rows(), next(state));
    }

    StageCommand score(long round, TrainState state) {
        return new StageCommand.Score(round, takeVerdict(), state.step(), next(state));
    }

    StageCommand save(long round, TrainState state) {
        String folder = folders.apply(state.step(), round);
        return new StageCommand.Save(round, takeVerdict(), state.step(), folder, next(state));
    }

    StageCommand settle(long round, TrainState state) {
        return new StageCommand.Settle(round, takeVerdict(), saving.open().step(), next(state));
    }

    /** How far the newest checkpoint is on its way to the disk. */
    Saving saving() {
        return saving;
    }

    private Optional<StepVerdict> takeVerdict() {
        Optional<StepVerdict> taken = verdict;
        verdict = Optional.empty();
        return taken;
    }

    private Bearings next(TrainState state) {
        commands++;
        return new Bearings(
                commands,
                turns,
                state,
                from.map(Checkpoint::folder),
                saving.known().map(o -> new Bearings.Unsettled(o.step(), o.folder(), o.state())),
                unjournaled,
                metrics);
    }

    CourseEffect commit(Checkpoint checkpoint, TrainState state) {
        unjournaled = Optional.of(new Bearings.Unjournaled(checkpoint, state));
        return new CourseEffect.Commit(checkpoint, state);
    }

    /**
     * @param isBest whether its weights are the best so far
     */
    void committed(Checkpoint checkpoint, boolean isBest) {
        unjournaled = Optional.empty();
        from = Optional.of(checkpoint);
        best = isBest ? from : best;
    }

    /**
     * The command of another driver that its stages can be gone on with from.
     *
     * @param kept what each group was commanded last
     */
    Optional<InCourse> takeOver(List<Optional<InCourse>> kept) {
        return TakeOver.command(kept, turns, from);
    }

    /** Goes on from what another driver knew when it gave that command. */
    List<CourseEffect> goOn(InCourse last) {
        Bearings then = last.bearings();
        commands = then.number();
        metrics = then.metrics();
        List<CourseEffect> effects = new ArrayList<>();
        effects.add(
                new CourseEffect.Note(
                        "takes over after step %d: the stages are all there, with their state"
                                .formatted(then.state().step())));
        effects.add(new CourseEffect.TakeUp(metrics));
        then.unsettled()
                .ifPresent(o -> saving.opened(new OpenSave(o.step(), o.folder(), o.state())));
        then.unjournaled().ifPresent(one -> effects.add(commit(one.checkpoint(), one.state())));
        return effects;
    }
}
