package io.accrete.coordinator.plan;

import io.accrete.protocol.merge.TensorOp;
import io.accrete.protocol.tensor.TensorSpec;

/**
 * An output tensor that has no place in a shard yet.
 *
 * @param order the greatest name among its source tensors; shards are filled in the order of these
 *     names as text, as mergekit does it
 */
record PlannedTensor(TensorSpec output, TensorOp op, String order) {
    long bytes() {
        return output.bytes();
    }
}
