package io.accrete.protocol.train;

import io.accrete.protocol.tensor.TensorSpec;

import java.util.List;
import java.util.Optional;

/**
 * A part of a training in which the model has the same sites and the same parameters.
 *
 * @param tensors of the model in this phase, by name, in the types of its sources
 * @param inheritance from the phase before; empty for the first
 */
public record PlannedPhase(
        TrainPlan plan,
        PhaseSteps steps,
        List<TensorSpec> tensors,
        Optional<Inheritance> inheritance) {
    public PlannedPhase {
        tensors = List.copyOf(tensors);
    }
}
