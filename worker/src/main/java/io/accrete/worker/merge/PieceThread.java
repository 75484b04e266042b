package io.accrete.worker.merge;

import io.accrete.protocol.tensor.DType;
import io.accrete.worker.tensor.TensorBuffer;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** A thread that computes pieces, one after the other, and the memory of its results. */
final class PieceThread implements AutoCloseable {
    /** One being computed, one being written, one between. */
    static final int RESULTS = 3;

    private final Sources sources;
    private final ExecutorService thread =
            Executors.newSingleThreadExecutor(
                    Thread.ofPlatform().daemon().name("accrete-pieces").factory());

    /** Made and used by the thread alone, as the results are. */
    private @Nullable PieceCalculator calculator;

    private final Map<DType, Deque<TensorBuffer>> results = new EnumMap<>(DType.class);

    PieceThread(Sources sources) {
        this.sources = sources;
    }

    /** Something to be done on the thread. */
    interface Work<T> {
        T with(PieceCalculator calculator) throws IOException, TaskFailedException;
    }

    /** How the values of a piece come about. */
    interface Formula {
        void compute(PieceCalculator calculator, Piece piece, TensorBuffer result)
                throws IOException, TaskFailedException;
    }

    /**
     * @param values overwritten by the {@link #RESULTS}th one after it
     */
    record Result(ByteBuffer values, NonFiniteCount nonFinite) {}

    <T> Future<T> submit(Work<T> work) {
        return thread.submit(() -> work.with(calculator()));
    }

    Future<Result> compute(Formula formula, DType output, Piece piece) {
        return submit(calculator -> result(calculator, formula, output, piece));
    }

    private Result result(PieceCalculator calculator, Formula formula, DType output, Piece piece)
            throws IOException, TaskFailedException {
        TensorBuffer buffer = next(calculator, output);
        formula.compute(calculator, piece, buffer);
        int bytes = piece.elements() * output.bits() / Byte.SIZE;
        ByteBuffer values = buffer.bytes().slice(0, bytes);
        return new Result(values, NonFiniteCount.in(MemorySegment.ofBuffer(values), output));
    }

    private TensorBuffer next(PieceCalculator calculator, DType output) {
        Deque<TensorBuffer> ring = results.computeIfAbsent(output, _ -> new ArrayDeque<>(RESULTS));
        TensorBuffer next = ring.size() < RESULTS ? calculator.buffer(output) : ring.removeFirst();
        ring.addLast(next);
        return next;
    }

    private PieceCalculator calculator() {
        if (calculator == null) {
            calculator = new PieceCalculator(sources);
        }
        return calculator;
    }

    /** Waits for what was asked of the thread: its buffers are about to be freed. */
    @Override
    public void close() {
        thread.close();
        if (calculator != null) {
            calculator.close();
        }
    }
}
