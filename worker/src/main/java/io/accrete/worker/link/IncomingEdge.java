package io.accrete.worker.link;

import io.accrete.protocol.tensor.Shape;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * The end of an edge at which tensors arrive. The other end may begin as many messages as there are
 * free buffers here, so that nobody is ever sent more than it can hold.
 */
public final class IncomingEdge {
    private final EdgeName name;
    private final long epoch;
    private final int depth;
    private final int bytesMax;
    private final LinkLimits limits;
    private final EdgeEnd end;
    private final MessageQueue arrived;

    /** Messages that the other side may have begun. */
    private final Credits credits;

    /**
     * @param depth messages that it holds
     * @param bytesMax of a message
     * @param failed is told why, once it fails
     */
    IncomingEdge(
            EdgeName name,
            long epoch,
            int depth,
            int bytesMax,
            LinkLimits limits,
            Consumer<LinkException> failed) {
        this.name = name;
        this.epoch = epoch;
        this.depth = depth;
        this.bytesMax = bytesMax;
        this.limits = limits;
        this.end = new EdgeEnd(name, depth, depth, failed);
        this.arrived = end.messages();
        this.credits = end.credits();
    }

    /** Makes something of a message, whose bytes are only lent. */
    public interface Taking<T> {
        T of(Shape shape, ByteBuffer bytes);
    }

    /**
     * Waits for the next message.
     *
     * @throws LinkException if the edge broke
     */
    public <T> T take(Taking<T> taking) throws LinkException, InterruptedException {
        MessageQueue.Message message = arrived.next();
        T taken = taking.of(message.shape(), message.bytes());
        arrived.release(message);
        credits.addOne();
        return taken;
    }

    /**
     * One connection serves an edge, ever: what comes after it broke belongs to the next epoch.
     *
     * @return whether it is this one
     */
    boolean connect(FrameChannel with) {
        return end.connect(with);
    }

    /** Receives until the connection ends. */
    void serve(FrameChannel with) {
        Thread granting = LinkThread.of("link-credits", () -> grant(with));
        try {
            with.write(Frame.of(FrameKind.WELCOME, epoch, name.code(), depth));
            with.established(limits.silence());
            granting.start();
            receive(with);
        } catch (IOException e) {
            fail(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            with.close();
        }
    }

    private void receive(FrameChannel with) throws IOException, InterruptedException {
        for (int sequence = 0; ; sequence++) {
            Frame first = data(with);
            check(
                    first.sequence() == sequence && first.offset() == 0,
                    "a message out of its order");
            check(sequence - credits.granted() < 0, "a message without credit");
            long bytes = Frame.bytes(first.shape());
            if (bytes > bytesMax) {
                throw new LinkException(
                        "a message of %,d bytes where %,d are allowed".formatted(bytes, bytesMax));
            }
            MessageQueue.Message message = arrived.blank(first.shape(), (int) bytes);
            ByteBuffer into = message.bytes();
            readPiece(with, first, into);
            while (into.hasRemaining()) {
                Frame next = data(with);
                check(
                        next.sequence() == sequence
                                && next.shape().equals(first.shape())
                                && next.offset() == into.position()
                                && next.payloadBytes() > 0,
                        "a piece that does not follow on the one before");
                readPiece(with, next, into);
            }
            into.flip();
            arrived.add(message);
        }
    }

    private static void readPiece(FrameChannel with, Frame frame, ByteBuffer into)
            throws IOException {
        check(frame.payloadBytes() <= into.remaining(), "a piece beyond the end of its message");
        int end = into.limit();
        into.limit(into.position() + frame.payloadBytes());
        with.readPayload(frame, into);
        into.limit(end);
    }

    /** The head of the next piece of a message. */
    private Frame data(FrameChannel with) throws IOException {
        while (true) {
            Frame frame = with.read();
            check(frame.epoch() == epoch, "a frame of another epoch");
            check(frame.edge() == name.code(), "a frame of another edge");
            if (frame.kind() == FrameKind.DATA) {
                return frame;
            }
            check(frame.kind() == FrameKind.PING, "a frame that does not belong here");
        }
    }

    /** Says again and again how many messages may come, which also says that this side is there. */
    private void grant(FrameChannel with) {
        try {
            while (!end.isFailed()) {
                int now = credits.granted();
                with.write(Frame.of(FrameKind.CREDIT, epoch, name.code(), now));
                credits.awaitMoreThan(now, limits.ping());
            }
        } catch (IOException e) {
            fail(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            with.close();
        }
    }

    /** Nothing comes any more. */
    void fail(IOException why) {
        end.fail(why);
    }

    private static void check(boolean holds, String otherwise) throws LinkException {
        if (!holds) {
            throw new LinkException(otherwise);
        }
    }
}
