package io.accrete.worker.tensor;

import ai.djl.pytorch.engine.PtNDArray;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The bytes of a tensor in the processor's memory: its own where it lies there, else a copy that
 * ends with this.
 */
public final class HostBytes implements AutoCloseable {
    private final ByteBuffer bytes;
    private final @Nullable PtNDArray copy;

    private HostBytes(PtNDArray values, @Nullable PtNDArray copy) {
        this.bytes = values.toByteBuffer(true).order(ByteOrder.LITTLE_ENDIAN);
        this.copy = copy;
    }

    static HostBytes of(PtNDArray array) {
        if (!array.getDevice().isGpu()) {
            return new HostBytes(array, null);
        }
        PtNDArray copy = DeviceCopy.onHost(array, TensorEngine.running().manager());
        return new HostBytes(copy, copy);
    }

    /** Direct, little-endian; not to be used after {@link #close}, nor after the tensor's end. */
    public ByteBuffer bytes() {
        return bytes;
    }

    @Override
    public void close() {
        if (copy != null) {
            copy.close();
        }
    }
}
