package io.accrete.coordinator.job;

import io.accrete.protocol.job.JobEvent;
import io.accrete.protocol.job.TrainProgress;
import io.accrete.protocol.train.TrainState;

import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What is special to a job that is a training: the fold of its events.
 *
 * @param plan as it was accepted
 * @param checkpoints that can be gone on from, by the step after which they were made
 * @param recoveries how often the training went on from a checkpoint, or from the beginning again
 */
public record TrainingState(
        JobEvent.TrainingPlanned plan,
        SortedMap<Integer, JobEvent.CheckpointCommitted> checkpoints,
        int recoveries) {
    public TrainingState {
        checkpoints = Collections.unmodifiableSortedMap(new TreeMap<>(checkpoints));
    }

    static TrainingState of(JobEvent.TrainingPlanned plan) {
        return new TrainingState(plan, new TreeMap<>(), 0);
    }

    /** The checkpoint that the training goes on from. */
    public Optional<JobEvent.CheckpointCommitted> latest() {
        return checkpoints.isEmpty()
                ? Optional.empty()
                : Optional.of(checkpoints.sequencedValues().getLast());
    }

    /** What is done for good. */
    public TrainState done() {
        return latest().map(JobEvent.CheckpointCommitted::state).orElse(TrainState.START);
    }

    TrainingState committed(JobEvent.CheckpointCommitted event) {
        TreeMap<Integer, JobEvent.CheckpointCommitted> kept = new TreeMap<>(checkpoints);
        kept.put(event.checkpoint().step(), event);
        while (kept.size() > plan.keep()) {
            kept.pollFirstEntry();
        }
        return new TrainingState(plan, kept, recoveries);
    }

    TrainingState recovered(Collection<Integer> lost) {
        return new TrainingState(plan, without(lost).checkpoints(), recoveries + 1);
    }

    /** Without those checkpoints. */
    public TrainingState without(Collection<Integer> lost) {
        TreeMap<Integer, JobEvent.CheckpointCommitted> kept = new TreeMap<>(checkpoints);
        kept.keySet().removeAll(lost);
        return new TrainingState(plan, kept, recoveries);
    }

    TrainingState rolledBack(int step) {
        return new TrainingState(plan, checkpoints.headMap(step + 1), recoveries);
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
