package io.accrete.protocol.merge;

import io.accrete.protocol.tensor.TensorSpec;

/**
 * One tensor of an output shard.
 *
 * @param offset of its first byte, from the start of the shard's data section
 */
public record TensorTask(TensorSpec output, long offset, TensorOp op) {}
