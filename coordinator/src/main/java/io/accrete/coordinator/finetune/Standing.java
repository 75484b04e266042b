package io.accrete.coordinator.finetune;

import io.accrete.coordinator.train.LearningRate;
import io.accrete.coordinator.train.PipelineSchedule;
import io.accrete.coordinator.train.PlateauRule;
import io.accrete.coordinator.train.SiteNorms;
import io.accrete.coordinator.train.SpikeGuard;
import io.accrete.coordinator.train.StepDecision;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.train.BatchSettings;
import io.accrete.protocol.train.GrowSettings;
import io.accrete.protocol.train.MicroLoss;
import io.accrete.protocol.train.OptimizerSettings;
import io.accrete.protocol.train.OutputSettings;
import io.accrete.protocol.train.PlannedPhase;
import io.accrete.protocol.train.PlannedTraining;
import io.accrete.protocol.train.Rewind;
import io.accrete.protocol.train.StepFigures;
import io.accrete.protocol.train.TrainJob;
import io.accrete.protocol.train.TrainPlan.StagePlan;
import io.accrete.protocol.train.TrainState;
import io.accrete.protocol.wire.StageAnswer;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/** Where a training stands in its phases: what follows from its state alone. */
record Standing(PlannedTraining planned, TrainState state) {

    PlannedPhase phase() {
        return planned.phases().get(state.phase().number());
    }

    /** How the stages of the phase go through a step. */
    PipelineSchedule schedule() {
        List<StagePlan> stages = phase().plan().stages();
        return new PipelineSchedule(
                planned.job().pipeline().schedule(),
                stages.size(),
                planned.job().batch().accumulate(),
                stages.getFirst().slices().size());
    }

    /** Layers of the model as it is now. */
    int sites() {
        return phase().plan().sites().size();
    }

    String words() {
        return "phase %d of %d begins after step %d, with %d layers"
                .formatted(
                        state.phase().number() + 1, planned.phases().size(), state.step(), sites());
    }

    /** Whether stages that begin now go on from the end of the phase before. */
    boolean inherits() {
        return state.phase().number() > 0 && stepsOfPhase() == 0;
    }

    /** Whether the phase has no step left, or has brought what it can. */
    boolean isPhaseOver() {
        TrainJob job = planned.job();
        return state.over()
                || stepsOfPhase() >= phase().steps().most()
                || job.grow().flatMap(GrowSettings::plateau).filter(this::isFlat).isPresent();
    }

    private boolean isFlat(GrowSettings.Plateau plateau) {
        return PlateauRule.isFlat(plateau, state.phase().validations(), stepsOfPhase());
    }

    boolean isOver() {
        return isPhaseOver() && state.phase().number() == planned.phases().size() - 1;
    }

    /** Whether the model is looked at before the first step. */
    boolean isToLookFirst() {
        return state.step() == 0
                && state.validationBefore().isEmpty()
                && JudgedLook.isAsked(planned.job());
    }

    boolean isToLook() {
        boolean due = state.step() % planned.job().monitor().validateEvery() == 0;
        return JudgedLook.isAsked(planned.job()) && (due || isPhaseOver());
    }

    /** Whether what the stages hold now is to be kept. */
    boolean isToSave() {
        return state.step() % planned.job().checkpoint().every() == 0
                || isBest(state.step())
                || isPhaseOver()
                || isToPause();
    }

    /** After a validation: of the last phase, whose model is published, the best is known. */
    TrainState validated(double loss, int bytes) {
        TrainState next = state.afterValidation(loss, bytes);
        boolean counts =
                planned.job().output().which() == OutputSettings.Which.BEST
                        && state.phase().number() == planned.phases().size() - 1
                        && stepsOfPhase() > 0;
        double least = state.best().map(TrainState.Best::loss).orElse(Double.POSITIVE_INFINITY);
        return counts && loss < least ? next.asBest() : next;
    }

    /** Whether what was validated after that step is the best so far. */
    boolean isBest(int step) {
        return state.best().filter(best -> best.step() == step).isPresent();
    }

    /**
     * A loss that is not finite before any weight has changed says that the model is not sound.
     *
     * @param scored labels that it is the mean of
     */
    Optional<Problem> unsound(List<StageAnswer> all) {
        OptionalDouble loss = GroupAnswers.loss(all);
        if (state.step() > 0 || loss.isEmpty() || Double.isFinite(loss.getAsDouble())) {
            return Optional.empty();
        }
        String model = planned.sources().model().path();
        return Optional.of(
                Problem.error(
                        "TRN-123",
                        model,
                        "the loss before any weight has changed is %s: weights of the model, or of its teacher, are NaN or infinite, or its states overflow"
                                .formatted(loss.getAsDouble()),
                        "`accrete verify --forward %s` says where; take the model as it was before"
                                .formatted(model)));
    }

    /** Whether a person is to look before it goes on. */
    boolean isToPause() {
        return state.guard().pause().isPresent();
    }

    /** The step back that led here and has not been followed yet. */
    Optional<Rewind> due(List<Rewind> rewinds) {
        return rewinds.stream()
                .skip(state.guard().rewinds())
                .findFirst()
                .filter(back -> back.to() == state.step());
    }

    /** Of a growth: 0 before anything was inserted, then counted from 1. */
    OptionalInt round() {
        return planned.job().grow().stream()
                .mapToInt(grow -> grow.firstRound() + state.phase().number())
                .findFirst();
    }

    /** What follows from the figures of all stages on a step, and what the guard makes of it. */
    SpikeGuard.Guarded decide(int step, StepFigures figures) {
        double lossSum = figures.totals().stream().mapToDouble(MicroLoss::loss).sum();
        StepDecision decision =
                StepDecision.of(
                        rateAt(step), optimizer(), lossSum, targets(figures), figures.squares());
        return new SpikeGuard(planned.job().monitor().spike())
                .guard(
                        state.guard(),
                        decision,
                        new SpikeGuard.Looked(
                                step,
                                state.phase().stepsBefore(),
                                state.rows() + rowsOfStep(),
                                SiteNorms.of(figures.squares())));
    }

    long rowsOfStep() {
        BatchSettings batch = planned.job().batch();
        return (long) batch.microBatch() * batch.accumulate();
    }

    /** Scored in a step. */
    static long targets(StepFigures figures) {
        return figures.scored().stream().mapToLong(Integer::longValue).sum();
    }

    /** The learning rate of a step of this phase, before multipliers. */
    double rateAt(int step) {
        LearningRate course = new LearningRate(optimizer(), phase().steps().rateSteps());
        return state.guard().rateFactor() * course.at(rateStep(step));
    }

    private OptimizerSettings optimizer() {
        return planned.job().optimizer();
    }

    private int rateStep(int step) {
        return phase().steps().rateStep(step, state.phase().stepsBefore());
    }

    private int stepsOfPhase() {
        return state.step() - state.phase().stepsBefore();
    }
}
