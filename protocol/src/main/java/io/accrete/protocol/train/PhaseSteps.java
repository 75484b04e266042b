package io.accrete.protocol.train;

/**
 * The steps of a phase.
 *
 * @param most that it takes; fewer where it ends on a plateau
 * @param rateSteps of the schedule of the learning rate
 * @param rateRestarts whether that schedule counts the steps of the phase, or of the whole training
 */
public record PhaseSteps(int most, int rateSteps, boolean rateRestarts) {

    /** The step of the schedule that a step of the training is. */
    public int rateStep(int step, int stepsBefore) {
        return rateRestarts ? step - stepsBefore : step;
    }
}
