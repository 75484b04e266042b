package io.accrete.coordinator.finetune;

import io.accrete.coordinator.train.LearningRate;
import io.accrete.coordinator.train.PlateauRule;
import io.accrete.coordinator.train.SpikeGuard;
import io.accrete.coordinator.train.StepDecision;
import io.accrete.protocol.train.MicroLoss;
import io.accrete.protocol.train.PlannedPhase;
import io.accrete.protocol.train.PlannedTraining;
import io.accrete.protocol.train.StepFigures;
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

    /** What follows from the figures of all stages on a step, and what the guard makes of it. */
    SpikeGuard.Guarded decide(int step, StepFigures figures) {
        double lossSum = figures.losses().stream().mapToDouble(MicroLoss::loss).sum();
        StepDecision decision =
                StepDecision.of(
                        rate(), rateStep(step), lossSum, targets(figures), figures.squares());
        return new SpikeGuard(planned.job().monitor().spike()).guard(state.guard(), decision);
    }

    /** Scored in a step. */
    static long targets(StepFigures figures) {
        return figures.scored().stream().mapToLong(Integer::longValue).sum();
    }

    /** The learning rate of a step of this phase, before multipliers. */
    double rateAt(int step) {
        return rate().at(rateStep(step));
    }

    private LearningRate rate() {
        return new LearningRate(planned.job().optimizer(), phase().steps().rateSteps());
    }

    private int rateStep(int step) {
        return phase().steps().rateStep(step, state.phase().stepsBefore());
    }

    private int stepsOfPhase() {
        return state.step() - state.phase().stepsBefore();
    }
}
