package io.accrete.worker.tensor;

import ai.djl.pytorch.engine.PtNDArray;

import io.accrete.protocol.tensor.DType;
import io.accrete.protocol.tensor.Shape;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Values in native memory. Ends with the {@link TensorScope} that made it, or earlier with {@link
 * #close}; its use after that ends the process.
 */
public final class Tensor implements AutoCloseable {
    private static final long PIECE_BYTES_MAX = 1L << 30;

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

    /** Takes bytes of a tensor. */
    public interface ByteSink {
        /**
         * @param bytes direct, little-endian; not to be used later
         */
        void take(ByteBuffer bytes) throws IOException;
    }

    /**
     * All bytes in their order, in pieces that a buffer can hold: it counts in ints, and the
     * embedding of a large model is beyond them.
     */
    public void pieces(ByteSink sink) throws IOException {
        pieces(PIECE_BYTES_MAX, sink);
    }

    void pieces(long bytesMax, ByteSink sink) throws IOException {
        long all = shape.elements();
        long most = bytesMax * Byte.SIZE / dtype.bits();
        for (long start = 0; start < all; start += most) {
            long count = Math.min(most, all - start);
            try (PtNDArray piece =
                            DeviceCopy.piece(
                                    array, start, count, TensorEngine.running().manager());
                    HostBytes host = HostBytes.of(piece)) {
                sink.take(host.bytes());
            }
        }
    }

    /**
     * The same values, flat, which are there until this and that are both closed. What changes them
     * changes them for both.
     */
    public Tensor shared() {
        return new Tensor(
                DeviceCopy.piece(array, 0, shape.elements(), TensorEngine.running().manager()));
    }

    /** What sends or reads the values sees, at most 2 GiB of them; to be closed. */
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
