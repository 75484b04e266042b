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
    private final ComputeDevice device;

    private TensorScope(PtNDManager manager, ComputeDevice device) {
        this.manager = manager;
        this.device = device;
    }

    /**
     * Loads the native engine if this is its first use in the process.
     *
     * @throws EngineException if the engine does not start here
     */
    public static TensorScope open(ComputeDevice device) {
        PtNDManager root = TensorEngine.running().manager();
        return new TensorScope(root.newSubManager(device.device()), device);
    }

    /** A shorter span inside of this one, on the same device. */
    public TensorScope child() {
        return new TensorScope((PtNDManager) manager.newSubManager(), device);
    }

    /** Lets a tensor of another scope live as long as this one. */
    public Tensor keep(Tensor tensor) {
        tensor.array().attach(manager);
        return tensor;
    }

    /** The tensor itself if it lies on the device of this scope, else a copy there. */
    public Tensor placed(Tensor tensor) {
        return tensor.array().getDevice().equals(device.device())
                ? tensor
                : new Tensor(DeviceCopy.onto(tensor.array(), device, manager));
    }

    /** The same, which ends what was copied. */
    Tensor moved(Tensor tensor) {
        Tensor placed = placed(tensor);
        if (placed != tensor) {
            tensor.close();
        }
        return placed;
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
        PtNDArray copy =
                host().create(new ai.djl.ndarray.types.Shape(extents(shape)), DataType.FLOAT32);
        if (bytes.hasRemaining()) {
            copy.toByteBuffer(true).put(bytes.duplicate());
        }
        return moved(new Tensor(copy));
    }

    /** Native tensors that are alive in this very scope. */
    public int tensors() {
        return manager.getManagedArrays().size();
    }

    PtNDManager manager() {
        return manager;
    }

    ComputeDevice device() {
        return device;
    }

    /** Of what is made before it is moved to a GPU, else of the scope itself. */
    private PtNDManager host() {
        return device instanceof ComputeDevice.Cpu ? manager : TensorEngine.running().manager();
    }

    private Tensor create(ByteBuffer bytes, DataType type, Shape shape) {
        long[] extents = extents(shape);
        return moved(
                new Tensor(host().create(bytes, new ai.djl.ndarray.types.Shape(extents), type)));
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
