package io.accrete.protocol.train;

import java.util.OptionalDouble;

/**
 * AdamW and the course of its learning rate.
 *
 * @param learningRate after warm-up, before multipliers
 * @param clipNorm largest norm of the gradient; empty: it is never scaled
 * @param minRatio what is left of the learning rate where the schedule ends
 */
public record OptimizerSettings(
        double learningRate,
        double beta1,
        double beta2,
        double epsilon,
        double weightDecay,
        Decay decay,
        OptionalDouble clipNorm,
        Schedule schedule,
        int warmupSteps,
        double minRatio) {

    /** Which tensors decay. */
    public enum Decay {
        /** Those of two and more dimensions. */
        MATRICES,
        ALL
    }

    /** How the learning rate goes on after warm-up. */
    public enum Schedule {
        CONSTANT,
        LINEAR,
        COSINE
    }
}
