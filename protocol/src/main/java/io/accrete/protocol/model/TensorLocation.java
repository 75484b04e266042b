package io.accrete.protocol.model;

import io.accrete.protocol.tensor.TensorSpec;

/**
 * A tensor of a model and where its bytes are.
 *
 * @param file index into {@link ModelFolder#files()}; {@link #NOWHERE} if not even that is known
 * @param offset of its first byte, from the start of the file; {@link #NOWHERE} without weights
 * @param bytes length of its values
 */
public record TensorLocation(TensorSpec spec, int file, long offset, long bytes) {

    public static final int NOWHERE = -1;

    public boolean isPresent() {
        return offset != NOWHERE;
    }
}
