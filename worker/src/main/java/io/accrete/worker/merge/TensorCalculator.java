package io.accrete.worker.merge;

import io.accrete.protocol.merge.SourceTensor;
import io.accrete.protocol.merge.TensorOp;
import io.accrete.protocol.tensor.DType;
import io.accrete.protocol.tensor.TensorSpec;
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
 * Computes the tensors of a shard one after the other, piece by piece. Its memory does not depend
 * on their size. Confined to the thread that made it.
 *
 * <p>Sources are read, not mapped: a source that is truncated meanwhile is an end of file and not
 * the end of the process.
 */
final class TensorCalculator implements AutoCloseable {
    private final Sources sources;
    private final MergeArithmetic arithmetic = MergeArithmetic.open();
    private final ResultWriter results;
    private final Map<DType, List<TensorBuffer>> inputs = new EnumMap<>(DType.class);
    private final Map<DType, TensorBuffer> sums = new EnumMap<>(DType.class);

    TensorCalculator(Sources sources, ShardFile shard) {
        this.sources = sources;
        this.results = new ResultWriter(shard, arithmetic);
    }

    ResultWriter.Written compute(ShardStep.Compute step) throws IOException, TaskFailedException {
        TensorSpec output = step.task().output();
        PieceCalculation calculation = calculation(step.task().op(), output.shape().elements());
        for (Piece piece : pieces(output.shape().elements())) {
            ResultWriter.Slot result = results.free(output.dtype());
            calculation.compute(piece, result.buffer());
            results.write(result, piece.elements() * width(output.dtype()));
        }
        return results.end();
    }

    /**
     * @param first index of its first element in the tensor
     */
    private record Piece(long first, int elements) {}

    private interface PieceCalculation {
        void compute(Piece piece, TensorBuffer result) throws IOException, TaskFailedException;
    }

    private PieceCalculation calculation(TensorOp op, long elements)
            throws IOException, TaskFailedException {
        return switch (op) {
            case TensorOp.Copy _ -> throw new IllegalArgumentException("a copy is not computed");
            case TensorOp.Convert convert -> (piece, result) -> convert(convert, piece, result);
            case TensorOp.Linear linear -> (piece, result) -> linear(linear, piece, result);
            case TensorOp.Slerp slerp -> {
                Coefficients coefficients = coefficients(slerp, elements);
                yield (piece, result) -> slerp(slerp, coefficients, piece, result);
            }
        };
    }

    private void convert(TensorOp.Convert op, Piece piece, TensorBuffer result)
            throws IOException, TaskFailedException {
        TensorBuffer x = read(op.source(), 0, piece);
        if (op.scale().isPresent()) {
            double scale = op.scale().get();
            arithmetic.scale(x, piece.elements(), op.input(), scale, op.result(), result);
        } else {
            arithmetic.cast(x, piece.elements(), op.input(), op.result(), result);
        }
    }

    private void linear(TensorOp.Linear op, Piece piece, TensorBuffer result)
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

    private Coefficients coefficients(TensorOp.Slerp op, long elements)
            throws IOException, TaskFailedException {
        Products products = Products.NONE;
        for (Piece piece : pieces(elements)) {
            TensorBuffer base = read(op.base(), 0, piece);
            TensorBuffer other = read(op.other(), 1, piece);
            products =
                    products.plus(
                            arithmetic.products(
                                    base, other, piece.elements(), op.input(), op.result()));
        }
        return Coefficients.slerp(products, op.t());
    }

    private void slerp(
            TensorOp.Slerp op, Coefficients coefficients, Piece piece, TensorBuffer result)
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
        int width = width(source.dtype());
        sources.read(
                source.file(),
                source.offset() + piece.first() * width,
                buffer.bytes().limit(piece.elements() * width));
        return buffer;
    }

    private static List<Piece> pieces(long elements) {
        List<Piece> pieces = new ArrayList<>();
        for (long at = 0; at < elements; at += MergeArithmetic.PIECE_ELEMENTS) {
            int length = (int) Math.min(MergeArithmetic.PIECE_ELEMENTS, elements - at);
            pieces.add(new Piece(at, length));
        }
        return pieces;
    }

    private static int width(DType dtype) {
        return dtype.bits() / Byte.SIZE;
    }

    @Override
    public void close() {
        results.close();
        arithmetic.close();
    }
}
