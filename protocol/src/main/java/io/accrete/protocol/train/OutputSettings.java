package io.accrete.protocol.train;

import io.accrete.protocol.tensor.DType;

/**
 * The folder that is published.
 *
 * @param shardSizeBytes largest sum of tensor bytes in a shard; 0 for no limit
 */
public record OutputSettings(DType dtype, long shardSizeBytes, Which which) {

    /** Which state of the training it is. */
    public enum Which {
        LAST,
        /** The one with the lowest validation loss. */
        BEST
    }
}
