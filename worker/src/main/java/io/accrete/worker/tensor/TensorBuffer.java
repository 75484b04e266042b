package io.accrete.worker.tensor;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.IValue;

import io.accrete.protocol.tensor.DType;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Native memory for one piece of a tensor, as bytes to the outside and as a tensor inside. Belongs
 * to the {@link MergeArithmetic} that made it and ends with it.
 */
public final class TensorBuffer {
    private final DType dtype;
    private final ByteBuffer bytes;
    private final IValue tensor;

    TensorBuffer(DType dtype, PtNDArray array) {
        this.dtype = dtype;
        this.bytes = array.toByteBuffer(true).order(ByteOrder.LITTLE_ENDIAN);
        this.tensor = IValue.from(array);
    }

    public DType dtype() {
        return dtype;
    }

    /** The memory itself, not a copy, positioned at its start; direct, little-endian. */
    public ByteBuffer bytes() {
        return bytes.clear();
    }

    IValue tensor() {
        return tensor;
    }

    void close() {
        tensor.close();
    }
}
