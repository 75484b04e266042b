package io.accrete.protocol.train;

import java.util.List;

/**
 * The durable weights and moments of a training after a step. Any number of stages can go on from
 * it.
 *
 * @param step the last one that it includes
 * @param folder absolute
 */
public record Checkpoint(int step, String folder, List<CheckpointPart> parts) {
    public Checkpoint {
        parts = List.copyOf(parts);
    }
}
