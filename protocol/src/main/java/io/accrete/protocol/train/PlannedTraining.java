package io.accrete.protocol.train;

import io.accrete.protocol.tensor.TensorSpec;

import java.util.List;

/**
 * All that coordinator and stages agree on before the first step.
 *
 * @param format of its file
 * @param digest of all that decides the result
 * @param tensors of the model as it is trained, by name, in the types of its sources
 */
public record PlannedTraining(
        int format, String digest, TrainSources sources, List<TensorSpec> tensors, TrainPlan plan) {
    /** What this program writes and reads. */
    public static final int FORMAT = 1;

    public PlannedTraining {
        tensors = List.copyOf(tensors);
    }

    public static PlannedTraining of(
            TrainSources sources, List<TensorSpec> tensors, TrainPlan plan) {
        String digest = TrainingFile.digest(sources, plan.job().decisive());
        return new PlannedTraining(FORMAT, digest, sources, tensors, plan);
    }
}
