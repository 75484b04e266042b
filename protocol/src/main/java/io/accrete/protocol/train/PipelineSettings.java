package io.accrete.protocol.train;

import java.util.OptionalInt;

/**
 * How the layers are spread over workers, and in which order a stage works.
 *
 * @param stages empty: as many as the planner finds best
 * @param threads of each stage; part of the numeric class
 */
public record PipelineSettings(
        OptionalInt stages,
        int slicesPerStage,
        Schedule schedule,
        Activations activations,
        int threads) {

    /** The order of forward and backward passes. */
    public enum Schedule {
        /** All forward passes, then all backward passes. */
        GPIPE,
        /** One forward, one backward, once the pipeline is full. */
        ONE_F_ONE_B,
        /** As before, with several slices of layers on each stage. */
        INTERLEAVED
    }

    /** What a stage keeps of a forward pass for the backward pass. */
    public enum Activations {
        /** Kept where it fits, else recomputed. */
        AUTO,
        KEEP,
        /** The inputs of the layers only. */
        RECOMPUTE
    }
}
