package io.accrete.protocol.train;

import java.util.List;

/**
 * All that coordinator and stages agree on before the first step.
 *
 * @param format of its file
 * @param digest of all that decides the result
 * @param job as it was written
 * @param phases one after the other; most trainings have one
 */
public record PlannedTraining(
        int format, String digest, TrainSources sources, TrainJob job, List<PlannedPhase> phases) {
    /** What this program writes and reads. */
    public static final int FORMAT = 1;

    public PlannedTraining {
        phases = List.copyOf(phases);
        if (phases.isEmpty()) {
            throw new IllegalArgumentException("a training has at least one phase");
        }
    }

    public static PlannedTraining of(
            TrainSources sources, TrainJob job, List<PlannedPhase> phases) {
        String digest = TrainingFile.digest(sources, job.decisive());
        return new PlannedTraining(FORMAT, digest, sources, job, phases);
    }

    /**
     * The same up to a step, as a training that ends there.
     *
     * @param phase in which the step is, from 0
     */
    public PlannedTraining until(int phase, int step) {
        return new PlannedTraining(
                format,
                TrainingFile.digest(digest, step),
                sources,
                job,
                phases.subList(0, phase + 1));
    }

    public PlannedPhase last() {
        return phases.getLast();
    }

    /** Stages of the phase that has the most. */
    public int stages() {
        return phases.stream().mapToInt(phase -> phase.plan().stages().size()).max().orElse(0);
    }

    /** Steps at most. */
    public int steps() {
        return phases.stream().mapToInt(phase -> phase.steps().most()).sum();
    }
}
