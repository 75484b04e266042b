package io.accrete.worker.link;

import io.accrete.protocol.tensor.Shape;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * Messages on their way between the thread of a stage and that of a connection, in a fixed number
 * of buffers outside of the heap that are used again and again.
 */
final class MessageQueue {
    private final Deque<ByteBuffer> free = new ArrayDeque<>();
    private final Deque<Message> filled = new ArrayDeque<>();
    private @Nullable LinkException failure;

    /**
     * @param bytes from its position to its limit those of the message
     */
    record Message(Shape shape, ByteBuffer bytes) {}

    /**
     * @param buffers which grow to what they have to hold
     */
    MessageQueue(int buffers) {
        for (int i = 0; i < buffers; i++) {
            free.add(ByteBuffer.allocate(0));
        }
    }

    /** Waits for a free buffer. */
    Message blank(Shape shape, int bytes) throws LinkException, InterruptedException {
        ByteBuffer buffer;
        synchronized (this) {
            while (free.isEmpty() && failure == null) {
                wait();
            }
            check();
            buffer = free.remove();
        }
        if (!buffer.isDirect() || buffer.capacity() < bytes) {
            buffer = ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
        }
        return new Message(shape, buffer.clear().limit(bytes));
    }

    synchronized void add(Message message) {
        filled.add(message);
        notifyAll();
    }

    /** Waits for the next message. */
    synchronized Message next() throws LinkException, InterruptedException {
        while (filled.isEmpty() && failure == null) {
            wait();
        }
        check();
        return filled.remove();
    }

    /** Waits so long for the next message. */
    synchronized Optional<Message> next(Duration patience)
            throws LinkException, InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (filled.isEmpty() && failure == null) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                return Optional.empty();
            }
            wait(left / 1_000_000, (int) (left % 1_000_000));
        }
        check();
        return Optional.of(filled.remove());
    }

    /** The message was used. Its buffer is the next: no more are filled than are needed at once. */
    synchronized void release(Message message) {
        free.addFirst(message.bytes());
        notifyAll();
    }

    /**
     * Whoever waits or comes is told so.
     *
     * @return whether this is the first reason, which counts
     */
    synchronized boolean fail(LinkException why) {
        if (failure != null) {
            return false;
        }
        failure = why;
        notifyAll();
        return true;
    }

    synchronized boolean isFailed() {
        return failure != null;
    }

    /** Each thread gets a trace of its own. */
    private void check() throws LinkException {
        if (failure != null) {
            throw new LinkException(String.valueOf(failure.getMessage()), failure);
        }
    }
}
