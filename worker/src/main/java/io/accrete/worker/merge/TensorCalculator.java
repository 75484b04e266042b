package io.accrete.worker.merge;

import io.accrete.protocol.merge.TensorOp;
import io.accrete.protocol.store.Sha256;
import io.accrete.protocol.tensor.DType;
import io.accrete.worker.tensor.Coefficients;
import io.accrete.worker.tensor.Products;

import java.io.IOException;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/**
 * Computes the tensors of a shard one after the other. Several threads compute their pieces; the
 * calling one takes the results in the order of the pieces, digests and writes them. So neither the
 * bytes nor the sums over pieces depend on the number of threads, nor the memory on the size of a
 * tensor.
 */
final class TensorCalculator implements AutoCloseable {
    private final ShardFile shard;
    private final List<PieceThread> threads;

    TensorCalculator(Sources sources, ShardFile shard, int threads) {
        this.shard = shard;
        this.threads = Stream.generate(() -> new PieceThread(sources)).limit(threads).toList();
    }

    /**
     * @param sha256 of the values, in hex
     */
    record Written(String sha256, NonFiniteCount nonFinite) {}

    Written compute(ShardStep.Compute step) throws IOException, TaskFailedException {
        DType output = step.task().output().dtype();
        List<Piece> pieces = Piece.of(step.task().output().shape().elements());
        PieceThread.Formula formula = formula(step.task().op(), pieces);
        MessageDigest digest = Sha256.begin();
        NonFiniteCount nonFinite =
                inOrder(
                        pieces,
                        (thread, piece) -> thread.compute(formula, output, piece),
                        NonFiniteCount.NONE,
                        (before, result) -> before.plus(take(result, digest)));
        return new Written(Sha256.hex(digest), nonFinite);
    }

    private NonFiniteCount take(PieceThread.Result result, MessageDigest digest)
            throws IOException, TaskFailedException {
        digest.update(result.values().duplicate());
        shard.append(result.values());
        return result.nonFinite();
    }

    private PieceThread.Formula formula(TensorOp op, List<Piece> pieces)
            throws IOException, TaskFailedException {
        return switch (op) {
            case TensorOp.Copy _ -> throw new IllegalArgumentException("a copy is not computed");
            case TensorOp.Convert convert ->
                    (calculator, piece, result) -> calculator.convert(convert, piece, result);
            case TensorOp.Linear linear ->
                    (calculator, piece, result) -> calculator.linear(linear, piece, result);
            case TensorOp.Slerp slerp -> {
                Coefficients factors = Coefficients.slerp(products(slerp, pieces), slerp.t());
                yield (calculator, piece, result) ->
                        calculator.slerp(slerp, factors, piece, result);
            }
        };
    }

    private Products products(TensorOp.Slerp op, List<Piece> pieces)
            throws IOException, TaskFailedException {
        return inOrder(
                pieces,
                (thread, piece) -> thread.submit(calculator -> calculator.products(op, piece)),
                Products.NONE,
                Products::plus);
    }

    private interface Start<T> {
        Future<T> on(PieceThread thread, Piece piece);
    }

    private interface Fold<S, T> {
        S add(S before, T next) throws IOException, TaskFailedException;
    }

    /**
     * Has each piece worked on by the next thread, and folds what comes of them in their order. No
     * thread is ahead by more than it has memory for.
     */
    private <S, T> S inOrder(List<Piece> pieces, Start<T> start, S nothing, Fold<S, T> fold)
            throws IOException, TaskFailedException {
        Deque<Future<T>> running = new ArrayDeque<>();
        S folded = nothing;
        for (int i = 0; i < pieces.size(); i++) {
            if (running.size() == threads.size() * PieceThread.RESULTS) {
                folded = fold.add(folded, await(running.removeFirst()));
            }
            running.addLast(start.on(threads.get(i % threads.size()), pieces.get(i)));
        }
        for (Future<T> last : running) {
            folded = fold.add(folded, await(last));
        }
        return folded;
    }

    private static <T> T await(Future<T> future) throws IOException, TaskFailedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException io -> throw io;
                case TaskFailedException failed -> throw failed;
                case RuntimeException unchecked -> throw unchecked;
                case LinkageError unlinked -> throw unlinked;
                case null, default -> throw new IllegalStateException("computing failed", e);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while a tensor was being computed", e);
        }
    }

    @Override
    public void close() {
        threads.forEach(PieceThread::close);
    }
}
