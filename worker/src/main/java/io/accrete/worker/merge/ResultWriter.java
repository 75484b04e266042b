package io.accrete.worker.merge;

import io.accrete.protocol.store.Sha256;
import io.accrete.protocol.tensor.DType;
import io.accrete.worker.tensor.MergeArithmetic;
import io.accrete.worker.tensor.TensorBuffer;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * The second half of a calculation, on a thread of its own: pieces of results are digested,
 * searched for NaN and infinities, and written, while the next piece is computed.
 */
final class ResultWriter implements AutoCloseable {
    /** One being computed, one being written, one between. */
    private static final int BUFFERS = 3;

    private final ShardFile shard;
    private final MergeArithmetic arithmetic;
    private final ExecutorService thread =
            Executors.newSingleThreadExecutor(
                    Thread.ofPlatform().daemon().name("accrete-result-writer").factory());
    private final Map<DType, Ring> rings = new EnumMap<>(DType.class);
    private final MessageDigest digest = Sha256.begin();
    private NonFiniteCount nonFinite = NonFiniteCount.NONE;

    ResultWriter(ShardFile shard, MergeArithmetic arithmetic) {
        this.shard = shard;
        this.arithmetic = arithmetic;
    }

    /**
     * @param sha256 of the values, in hex
     */
    record Written(String sha256, NonFiniteCount nonFinite) {}

    /** A place for the next piece, as soon as one is free. */
    Slot free(DType dtype) throws IOException, TaskFailedException {
        Slot slot = rings.computeIfAbsent(dtype, _ -> new Ring()).next(dtype);
        await(slot.pending);
        return slot;
    }

    /** Takes a piece over; those of a tensor come in order. */
    void write(Slot slot, int bytes) {
        slot.pending = thread.submit(() -> take(slot.buffer, bytes));
    }

    /** Ends a tensor: all its pieces are in the file. */
    Written end() throws IOException, TaskFailedException {
        return await(thread.submit(this::finish));
    }

    private @Nullable Void take(TensorBuffer buffer, int bytes)
            throws IOException, TaskFailedException {
        ByteBuffer piece = buffer.bytes().slice(0, bytes);
        digest.update(piece.duplicate());
        MemorySegment values = MemorySegment.ofBuffer(piece);
        nonFinite = nonFinite.plus(NonFiniteCount.in(values, buffer.dtype()));
        shard.append(piece);
        return null;
    }

    private Written finish() {
        Written written = new Written(Sha256.hex(digest), nonFinite);
        nonFinite = NonFiniteCount.NONE;
        return written;
    }

    private static <T> T await(Future<T> future) throws IOException, TaskFailedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException io -> throw io;
                case TaskFailedException failed -> throw failed;
                case null, default -> throw new IllegalStateException("writing failed", e);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while a result was being written", e);
        }
    }

    /** Does not wait for the disk, but for the thread: its buffers are about to be freed. */
    @Override
    public void close() {
        thread.close();
    }

    /** A buffer, and what is still to be done with its last content. */
    static final class Slot {
        private final TensorBuffer buffer;
        private Future<?> pending = CompletableFuture.completedFuture(null);

        private Slot(TensorBuffer buffer) {
            this.buffer = buffer;
        }

        TensorBuffer buffer() {
            return buffer;
        }
    }

    private final class Ring {
        private final Deque<Slot> slots = new ArrayDeque<>(BUFFERS);

        Slot next(DType dtype) {
            Slot next =
                    slots.size() < BUFFERS
                            ? new Slot(arithmetic.buffer(dtype))
                            : slots.removeFirst();
            slots.addLast(next);
            return next;
        }
    }
}
