package io.accrete.worker.tensor;

import io.accrete.protocol.tensor.DType;
import io.accrete.protocol.tensor.Shape;

import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;

/**
 * A file whose values are mapped into memory and never read before they are used. Pages that are
 * not in use cost nothing; nothing is ever written back.
 */
public final class TensorFile {
    private final LlamaArithmetic arithmetic;
    private final TensorScope scope;
    private final Path path;
    private final long bytes;
    private final Map<DType, Tensor> mapped = new EnumMap<>(DType.class);

    /**
     * Maps nothing yet.
     *
     * @param scope how long its tensors live
     * @param bytes size of the file
     */
    public TensorFile(LlamaArithmetic arithmetic, TensorScope scope, Path path, long bytes) {
        this.arithmetic = arithmetic;
        this.scope = scope;
        this.path = path;
        this.bytes = bytes;
    }

    /**
     * The values from byte {@code offset} on.
     *
     * @throws TensorException if they do not start at a multiple of their size
     */
    public Tensor tensor(DType dtype, long offset, Shape shape) {
        int size = dtype.bits() / Byte.SIZE;
        if (offset % size != 0) {
            throw new TensorException(
                    "values of type %s at byte %,d of %s cannot be mapped: they start between two multiples of %d; write the file again, with a header of a multiple of 8 bytes"
                            .formatted(dtype, offset, path, size),
                    null);
        }
        Tensor flat =
                mapped.computeIfAbsent(
                        dtype, type -> arithmetic.file(path.toString(), bytes / size, type, scope));
        return arithmetic.part(flat, offset / size, shape, scope);
    }
}
