package io.accrete.worker.tensor;

import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;

import io.accrete.protocol.tensor.Shape;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A span of time in which tensors live, on one device: closing it frees all that it made. */
public final class TensorScope implements AutoCloseable {
    private final PtNDManager manager;

    private TensorScope(PtNDManager manager) {
        this.manager = manager;
    }

    /**
     * Loads the native engine if this is its first use in the process.
     *
     * @throws EngineException if the engine does not start here
     */
    public static TensorScope open(ComputeDevice device) {
        PtNDManager root = TensorEngine.running().manager();
        return new TensorScope(root.newSubManager(device.device()));
    }

    /** A shorter span inside of this one, on the same device. */
    public TensorScope child() {
        return new TensorScope((PtNDManager) manager.newSubManager());
    }

    /** Lets a tensor of another scope live as long as this one. */
    public Tensor keep(Tensor tensor) {
        tensor.array().attach(manager);
        return tensor;
    }

    /** Values of type F32. */
    public Tensor floats(float[] values, Shape shape) {
        ByteBuffer bytes = direct(values.length, Float.BYTES);
        bytes.asFloatBuffer().put(values);
        return create(bytes, DataType.FLOAT32, shape);
    }

    /** Values of type F64. */
    public Tensor doubles(double[] values, Shape shape) {
        ByteBuffer bytes = direct(values.length, Double.BYTES);
        bytes.asDoubleBuffer().put(values);
        return create(bytes, DataType.FLOAT64, shape);
    }

    /** Values of type I64, such as ids of tokens. */
    public Tensor longs(long[] values, Shape shape) {
        ByteBuffer bytes = direct(values.length, Long.BYTES);
        bytes.asLongBuffer().put(values);
        return create(bytes, DataType.INT64, shape);
    }

    /**
     * A copy of values of type F32.
     *
     * @param bytes of them, little-endian; not moved
     */
    public Tensor copyOf(ByteBuffer bytes, Shape shape) {
        if (manager.getDevice().isGpu()) {
            ByteBuffer own = ByteBuffer.allocateDirect(bytes.remaining());
            own.order(ByteOrder.LITTLE_ENDIAN).put(bytes.duplicate()).flip();
            return create(own, DataType.FLOAT32, shape);
        }
        long[] extents = extents(shape);
        Tensor copy =
                new Tensor(
                        manager.create(new ai.djl.ndarray.types.Shape(extents), DataType.FLOAT32));
        if (bytes.hasRemaining()) {
            copy.bytes().put(bytes.duplicate());
        }
        return copy;
    }

    /** Native tensors that are alive in this very scope. */
    public int tensors() {
        return manager.getManagedArrays().size();
    }

    PtNDManager manager() {
        return manager;
    }

    private Tensor create(ByteBuffer bytes, DataType type, Shape shape) {
        long[] extents = extents(shape);
        PtNDArray array = manager.create(bytes, new ai.djl.ndarray.types.Shape(extents), type);
        return new Tensor(array);
    }

    static long[] extents(Shape shape) {
        return shape.extents().stream().mapToLong(Long::longValue).toArray();
    }

    private static ByteBuffer direct(int elements, int bytesEach) {
        return ByteBuffer.allocateDirect(Math.multiplyExact(elements, bytesEach))
                .order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public void close() {
        manager.close();
    }
}
