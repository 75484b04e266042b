package io.accrete.worker.merge;

import io.accrete.protocol.merge.SourceTensor;
import io.accrete.protocol.merge.TensorOp;
import io.accrete.protocol.tensor.DType;
import io.accrete.worker.tensor.Coefficients;
import io.accrete.worker.tensor.MergeArithmetic;
import io.accrete.worker.tensor.Products;
import io.accrete.worker.tensor.TensorBuffer;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads and computes single pieces of tensors, in buffers of its own. Confined to the thread that
 * made it.
 *
 * <p>Sources are read, not mapped: a source that is truncated meanwhile is an end of file and not
 * the end of the process.
 */
final class PieceCalculator implements AutoCloseable {
    private final Sources sources;
    private final MergeArithmetic arithmetic = MergeArithmetic.open();
    private final Map<DType, List<TensorBuffer>> inputs = new EnumMap<>(DType.class);
    private final Map<DType, TensorBuffer> sums = new EnumMap<>(DType.class);

    PieceCalculator(Sources sources) {
        this.sources = sources;
    }

    /** New memory for the result of a piece, freed by {@link #close}. */
    TensorBuffer buffer(DType dtype) {
        return arithmetic.buffer(dtype);
    }

    void convert(TensorOp.Convert op, Piece piece, TensorBuffer result)
            throws IOException, TaskFailedException {
        TensorBuffer x = read(op.source(), 0, piece);
        if (op.scale().isPresent()) {
            double scale = op.scale().get();
            arithmetic.scale(x, piece.elements(), op.input(), scale, op.result(), result);
        } else {
            arithmetic.cast(x, piece.elements(), op.input(), op.result(), result);
        }
    }

    void linear(TensorOp.Linear op, Piece piece, TensorBuffer result)
            throws IOException, TaskFailedException {
        DType compute = MergeArithmetic.compute(op.result());
        TensorBuffer sum = sums.computeIfAbsent(compute, arithmetic::buffer);
        boolean first = true;
        for (TensorOp.Weighted input : op.inputs()) {
            TensorBuffer x = read(input.source(), 0, piece);
            arithmetic.accumulate(x, piece.elements(), op.input(), input.weight(), first, sum);
            first = false;
        }
        Optional<Double> divisor =
                op.normalize() ? Optional.of(sumOfWeights(op, compute)) : Optional.empty();
        arithmetic.finish(sum, piece.elements(), divisor, op.result(), result);
    }

    private static double sumOfWeights(TensorOp.Linear op, DType compute) {
        double sum = 0;
        for (TensorOp.Weighted input : op.inputs()) {
            sum =
                    compute == DType.F64
                            ? sum + input.weight()
                            : (float) sum + (float) input.weight();
        }
        return sum;
    }

    Products products(TensorOp.Slerp op, Piece piece) throws IOException, TaskFailedException {
        TensorBuffer base = read(op.base(), 0, piece);
        TensorBuffer other = read(op.other(), 1, piece);
        return arithmetic.products(base, other, piece.elements(), op.input(), op.result());
    }

    void slerp(TensorOp.Slerp op, Coefficients coefficients, Piece piece, TensorBuffer result)
            throws IOException, TaskFailedException {
        TensorBuffer base = read(op.base(), 0, piece);
        TensorBuffer other = read(op.other(), 1, piece);
        arithmetic.combine(
                base, other, piece.elements(), op.input(), coefficients, op.result(), result);
    }

    private TensorBuffer read(SourceTensor source, int slot, Piece piece)
            throws IOException, TaskFailedException {
        List<TensorBuffer> buffers = inputs.computeIfAbsent(source.dtype(), _ -> new ArrayList<>());
        while (buffers.size() <= slot) {
            buffers.add(arithmetic.buffer(source.dtype()));
        }
        TensorBuffer buffer = buffers.get(slot);
        int width = source.dtype().bits() / Byte.SIZE;
        sources.read(
                source.file(),
                source.offset() + piece.first() * width,
                buffer.bytes().limit(piece.elements() * width));
        return buffer;
    }

    @Override
    public void close() {
        arithmetic.close();
    }
}
