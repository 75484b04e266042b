package io.accrete.coordinator.job;

import io.accrete.protocol.job.JobEvent;
import io.accrete.protocol.job.ReasonCode;
import io.accrete.protocol.job.TrainProgress;
import io.accrete.protocol.train.Checkpoint;
import io.accrete.protocol.train.Rewind;
import io.accrete.protocol.train.TrainState;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What is special to a job that is a training: the fold of its events.
 *
 * @param plan as it was accepted, or the last one that it was cut anew by
 * @param checkpoints that can be gone on from, by the step after which they were made
 * @param rewinds steps back that stand, by the step that they lead to
 * @param lookedAt the step of the checkpoint at which the training paused for a person; 0 for none
 * @param turns how often the training was paused or rolled back
 * @param recoveries how often the training went on from a checkpoint, or from the beginning again,
 *     or under another coordinator
 */
public record TrainingState(
        JobEvent.TrainingPlanned plan,
        SortedMap<Integer, JobEvent.CheckpointCommitted> checkpoints,
        List<Rewind> rewinds,
        int lookedAt,
        int turns,
        int recoveries) {
    public TrainingState {
        checkpoints = Collections.unmodifiableSortedMap(new TreeMap<>(checkpoints));
        rewinds = List.copyOf(rewinds);
    }

    static TrainingState of(JobEvent.TrainingPlanned plan) {
        return new TrainingState(plan, new TreeMap<>(), List.of(), 0, 0, 0);
    }

    /** The same training, spread in another way. */
    TrainingState recut(JobEvent.TrainingRecut event) {
        return new TrainingState(
                new JobEvent.TrainingPlanned(
                        event.file(),
                        event.sha256(),
                        plan.digest(),
                        plan.steps(),
                        event.stages(),
                        event.keep(),
                        event.warnings(),
                        event.at()),
                checkpoints,
                rewinds,
                lookedAt,
                turns,
                recoveries);
    }

    /** The checkpoint that the training goes on from. */
    public Optional<JobEvent.CheckpointCommitted> latest() {
        return checkpoints.isEmpty()
                ? Optional.empty()
                : Optional.of(checkpoints.sequencedValues().getLast());
    }

    /** What is done for good. */
    public TrainState done() {
        TrainState done =
                latest().map(JobEvent.CheckpointCommitted::state).orElse(TrainState.START);
        return done.step() == lookedAt ? done.guarded(done.guard().resumed()) : done;
    }

    TrainingState committed(JobEvent.CheckpointCommitted event) {
        TreeMap<Integer, JobEvent.CheckpointCommitted> kept = new TreeMap<>(checkpoints);
        kept.put(event.checkpoint().step(), event);
        Set<Integer> needed =
                new HashSet<>(
                        kept.sequencedKeySet().reversed().stream().limit(plan.keep()).toList());
        for (int step : List.copyOf(needed)) {
            bestOf(Objects.requireNonNull(kept.get(step))).ifPresent(needed::add);
        }
        kept.keySet().retainAll(needed);
        return with(kept, rewinds, turns, recoveries);
    }

    /** The step of the best state when a checkpoint was made. */
    private static Optional<Integer> bestOf(JobEvent.CheckpointCommitted event) {
        return event.state().best().map(TrainState.Best::step);
    }

    /** The checkpoint with the lowest validation loss, where a job asks for it. */
    public Optional<Checkpoint> best() {
        return latest().flatMap(TrainingState::bestOf)
                .flatMap(step -> Optional.ofNullable(checkpoints.get(step)))
                .map(JobEvent.CheckpointCommitted::checkpoint);
    }

    /** The step after which the weights are published, if no more follow. */
    public int publishedStep() {
        return best().map(Checkpoint::step).orElse(done().step());
    }

    TrainingState recovered(Collection<Integer> lost) {
        return with(without(lost).checkpoints(), rewinds, turns, recoveries + 1);
    }

    /** Without those checkpoints. */
    public TrainingState without(Collection<Integer> lost) {
        TreeMap<Integer, JobEvent.CheckpointCommitted> kept = new TreeMap<>(checkpoints);
        kept.keySet().removeAll(lost);
        return with(kept, rewinds, turns, recoveries);
    }

    /** A step back replaces those that lead further on; one that a person wants leaves them. */
    TrainingState rolledBack(JobEvent.RolledBack event) {
        List<Rewind> standing = new ArrayList<>(rewinds);
        event.rewind()
                .ifPresent(
                        back -> {
                            standing.removeIf(earlier -> earlier.to() >= back.to());
                            standing.add(back);
                        });
        return with(checkpoints.headMap(event.step() + 1), standing, turns + 1, recoveries);
    }

    TrainingState paused(ReasonCode why) {
        int looked = why == ReasonCode.LOSS_SPIKE ? done().step() : lookedAt;
        return new TrainingState(plan, checkpoints, rewinds, looked, turns + 1, recoveries);
    }

    private TrainingState with(
            SortedMap<Integer, JobEvent.CheckpointCommitted> checkpointsNow,
            List<Rewind> rewindsNow,
            int turnsNow,
            int recoveriesNow) {
        return new TrainingState(
                plan, checkpointsNow, rewindsNow, lookedAt, turnsNow, recoveriesNow);
    }

    public TrainProgress progress() {
        TrainState done = done();
        return new TrainProgress(
                done.step(),
                plan.steps(),
                done.step(),
                done.tokens(),
                Double.isFinite(done.loss()) ? done.loss() : null,
                null,
                plan.stages(),
                recoveries,
                List.copyOf(checkpoints.keySet()),
                List.of());
    }
}
