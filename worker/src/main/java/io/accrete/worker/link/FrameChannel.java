package io.accrete.worker.link;

import java.io.EOFException;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.time.Duration;

/** A connection that frames go over. One thread reads and one writes; any may close. */
final class FrameChannel implements AutoCloseable {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final SocketChannel channel;
    private final ByteBuffer headIn = head();
    private final ByteBuffer headOut = head();
    private final ByteBuffer[] out = {headOut, NOTHING};
    private volatile long deadlineNanos;
    private volatile long silenceNanos;
    private volatile boolean overdue;

    /**
     * @param within the other side has to have proved who it is
     */
    FrameChannel(SocketChannel channel, Duration within) throws IOException {
        this.channel = channel;
        this.deadlineNanos = System.nanoTime() + within.toNanos();
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    }

    private static ByteBuffer head() {
        return ByteBuffer.allocateDirect(Frame.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The handshake is over: from now on the other side may be silent for so long. */
    void established(Duration silence) {
        silenceNanos = silence.toNanos();
        heard();
    }

    private void heard() {
        if (silenceNanos > 0) {
            deadlineNanos = System.nanoTime() + silenceNanos;
        }
    }

    boolean isClosed() {
        return !channel.isOpen();
    }

    /** Whether the other side has been silent for too long; then it is closed. */
    boolean closeIfOverdue(long nowNanos) {
        if (nowNanos - deadlineNanos < 0) {
            return false;
        }
        overdue = true;
        close();
        return true;
    }

    /** Waits for the head of the next frame; its payload has to be read next. */
    Frame read() throws IOException {
        headIn.clear();
        fill(headIn);
        return Frame.decode(headIn);
    }

    /**
     * The payload of a frame.
     *
     * @param into exactly as long; at its end afterwards
     * @throws LinkException if it was damaged on the way
     */
    void readPayload(Frame frame, ByteBuffer into) throws IOException {
        ByteBuffer whole = into.duplicate();
        fill(into);
        if (Frame.crc(whole) != frame.payloadCrc()) {
            throw new LinkException("a frame whose payload was damaged");
        }
    }

    private void fill(ByteBuffer buffer) throws IOException {
        try {
            while (buffer.hasRemaining()) {
                if (channel.read(buffer) < 0) {
                    throw new EOFException("the other side closed the connection");
                }
            }
        } catch (ClosedChannelException e) {
            throw closed(e);
        }
        heard();
    }

    /**
     * @param payload of the frame, which has its length and checksum; at its end afterwards
     */
    void write(Frame frame, ByteBuffer payload) throws IOException {
        frame.encode(headOut);
        out[1] = payload;
        try {
            while (headOut.hasRemaining() || payload.hasRemaining()) {
                channel.write(out);
            }
        } catch (ClosedChannelException e) {
            throw closed(e);
        } finally {
            out[1] = NOTHING;
        }
    }

    void write(Frame frame) throws IOException {
        write(frame, NOTHING.duplicate());
    }

    private IOException closed(ClosedChannelException e) {
        return overdue ? new LinkException("the other side was silent for too long", e) : e;
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // It is given up in any case.
            overdue = true;
        }
    }
}
