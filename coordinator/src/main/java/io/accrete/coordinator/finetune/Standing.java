package io.accrete.coordinator.finetune;

import io.accrete.coordinator.train.LearningRate;
import io.accrete.coordinator.train.PlateauRule;
import io.accrete.protocol.train.PlannedPhase;
import io.accrete.protocol.train.PlannedTraining;
import io.accrete.protocol.train.TrainJob;
import io.accrete.protocol.train.TrainState;

import java.util.OptionalInt;

/** Where a training stands in its phases: what follows from its state alone. */
record Standing(PlannedTraining planned, TrainState state) {

    PlannedPhase phase() {
        return planned.phases().get(state.phase().number());
    }

    String words() {
        return "phase %d of %d begins after step %d, with %d layers"
                .formatted(
                        state.phase().number() + 1,
                        planned.phases().size(),
                        state.step(),
                        phase().plan().sites().size());
    }

    /** Whether stages that begin now go on from the end of the phase before. */
    boolean inherits() {
        return state.phase().number() > 0 && stepsOfPhase() == 0;
    }

    /** Whether the phase has no step left, or has brought what it can. */
    boolean isPhaseOver() {
        TrainJob job = planned.job();
        return stepsOfPhase() >= phase().steps().most()
                || job.grow().isPresent()
                        && PlateauRule.isFlat(
                                job.grow().get().plateau(),
                                state.phase().validations(),
                                stepsOfPhase());
    }

    boolean isOver() {
        return isPhaseOver() && state.phase().number() == planned.phases().size() - 1;
    }

    /** Of a growth, counted from 1. */
    OptionalInt round() {
        return planned.job().grow().isPresent()
                ? OptionalInt.of(state.phase().number() + 1)
                : OptionalInt.empty();
    }

    LearningRate rate() {
        return new LearningRate(planned.job().optimizer(), phase().steps().rateSteps());
    }

    /** The step of the rate's schedule that a step of this phase is. */
    int rateStep(int step) {
        return phase().steps().rateStep(step, state.phase().stepsBefore());
    }

    private int stepsOfPhase() {
        return state.step() - state.phase().stepsBefore();
    }
}
