package io.accrete.worker.tensor;

import ai.djl.pytorch.engine.PtNDArray;

import io.accrete.protocol.tensor.DType;
import io.accrete.protocol.tensor.Shape;

/**
 * Values in native memory. Ends with the {@link TensorScope} that made it, or earlier with {@link
 * #close}; its use after that ends the process.
 */
public final class Tensor implements AutoCloseable {
    private final PtNDArray array;
    private final DType dtype;
    private final Shape shape;

    Tensor(PtNDArray array) {
        this.array = array;
        this.dtype = TorchType.of(array.getDataType());
        this.shape = Shape.of(array.getShape().getShape());
    }

    public DType dtype() {
        return dtype;
    }

    public Shape shape() {
        return shape;
    }

    /** What saves, sends or reads the values sees; to be closed. */
    public HostBytes host() {
        return HostBytes.of(array);
    }

    /** A copy of values of type F32. */
    public float[] floats() {
        float[] values = new float[Math.toIntExact(shape.elements())];
        try (HostBytes host = host()) {
            host.bytes().asFloatBuffer().get(values);
        }
        return values;
    }

    /** A copy of values of type F64. */
    public double[] doubles() {
        double[] values = new double[Math.toIntExact(shape.elements())];
        try (HostBytes host = host()) {
            host.bytes().asDoubleBuffer().get(values);
        }
        return values;
    }

    PtNDArray array() {
        return array;
    }

    @Override
    public void close() {
        array.close();
    }
}
