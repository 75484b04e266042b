package io.accrete.worker.link;

import io.accrete.protocol.tensor.Shape;
import io.accrete.protocol.wire.LinkAddress;
import io.accrete.protocol.wire.LinkSecret;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnresolvedAddressException;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The end of an edge into which tensors are put. What is put is copied, so that the stage can go on
 * while a thread of the edge sends it.
 */
public final class OutgoingEdge {
    /** One is sent while the next is put. */
    private static final int BUFFERS = 2;

    private static final int RETRY_MILLIS = 50;

    /** Who was there and refuses connections for so long has ended. */
    private static final long REFUSED_NANOS = 1_000_000_000;

    private final EdgeName name;
    private final Handshake.Purpose purpose;
    private final LinkSecret secret;
    private final LinkAddress peer;
    private final long bytesMax;
    private final LinkLimits limits;
    private final LinkWatch watch;
    private final CountDownLatch settled = new CountDownLatch(1);
    private final EdgeEnd end;
    private final MessageQueue leaving;
    private final Credits credits;

    /**
     * @param bytesMax of a message
     * @param failed is told why, once it fails
     */
    OutgoingEdge(
            EdgeName name,
            Handshake.Purpose purpose,
            LinkSecret secret,
            LinkAddress peer,
            long bytesMax,
            LinkLimits limits,
            LinkWatch watch,
            Consumer<LinkException> failed) {
        this.name = name;
        this.purpose = purpose;
        this.secret = secret;
        this.peer = peer;
        this.bytesMax = bytesMax;
        this.limits = limits;
        this.watch = watch;
        this.end = new EdgeEnd(name, BUFFERS, 0, failed);
        this.leaving = end.messages();
        this.credits = end.credits();
    }

    LinkAddress peer() {
        return peer;
    }

    void start() {
        LinkThread.of("link-send", this::run).start();
    }

    /**
     * Waits while the edge is full.
     *
     * @param bytes float32; not moved
     * @throws LinkException if the edge broke
     */
    public void put(Shape shape, ByteBuffer bytes) throws LinkException, InterruptedException {
        if (!Frame.isSendable(shape) || Frame.bytes(shape) != bytes.remaining()) {
            throw new LinkException(
                    "%s cannot carry a tensor of shape %s in %,d bytes"
                            .formatted(name, shape, bytes.remaining()));
        }
        if (bytes.remaining() > bytesMax) {
            throw new LinkException(
                    "%s takes %,d bytes at most, and a tensor has %,d"
                            .formatted(name, bytesMax, bytes.remaining()));
        }
        MessageQueue.Message message = leaving.blank(shape, bytes.remaining());
        message.bytes().put(bytes.duplicate()).flip();
        leaving.add(message);
    }

    /**
     * Waits until the edge is open.
     *
     * @throws LinkException if it cannot be opened
     */
    void awaitOpen() throws LinkException, InterruptedException {
        settled.await();
        if (end.isFailed()) {
            leaving.next();
        }
    }

    private void run() {
        try {
            FrameChannel open = connected();
            settled.countDown();
            LinkThread.of("link-hear", () -> hear(open)).start();
            send(open);
        } catch (IOException e) {
            fail(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            settled.countDown();
        }
    }

    /** Tries until the other side has heard of this epoch too. */
    private FrameChannel connected() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + limits.connect().toNanos();
        long heard = System.nanoTime();
        while (true) {
            IOException why;
            boolean refused = false;
            try {
                Optional<FrameChannel> open = attempt();
                if (open.isPresent()) {
                    return open.get();
                }
                why = new LinkException("%s does not hold that stage".formatted(peer));
            } catch (LinkException e) {
                throw e;
            } catch (IOException e) {
                refused = LinkProbe.isRefusal(e);
                why = new LinkException("%s: %s".formatted(peer, e.getMessage()), e);
            }
            long now = System.nanoTime();
            heard = refused ? heard : now;
            if (end.isFailed() || now - deadline >= 0 || now - heard >= REFUSED_NANOS) {
                throw why;
            }
            settled.await(RETRY_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    /** Nothing if the other side does not know of the edge yet. */
    private Optional<FrameChannel> attempt() throws IOException {
        FrameChannel made;
        try {
            SocketChannel socket = SocketChannel.open();
            made = new FrameChannel(socket, limits.handshake());
            watch.add(made);
            end.tryAgain(made);
            socket.connect(new InetSocketAddress(peer.host(), peer.port()));
        } catch (UnresolvedAddressException e) {
            throw new IOException("the name does not resolve on this machine", e);
        }
        byte[] nonce = Handshake.nonce();
        Handshake.sayHello(made, purpose, nonce);
        int refused = Handshake.answer(made, secret, purpose, nonce);
        if (refused == 0) {
            Frame last = made.read();
            if (last.kind() == FrameKind.WELCOME) {
                made.established(limits.silence());
                credits.raiseTo(last.sequence());
                return Optional.of(made);
            }
            refused = last.sequence();
        }
        made.close();
        return switch (refused) {
            case Handshake.OVER ->
                    throw new LinkException("%s is in a later epoch already".formatted(peer));
            case Handshake.DENIED -> throw new LinkException("%s refuses us".formatted(peer));
            default -> Optional.empty();
        };
    }

    private void send(FrameChannel open) throws IOException, InterruptedException {
        for (int sequence = 0; ; sequence++) {
            Optional<MessageQueue.Message> next = leaving.next(limits.ping());
            while (next.isEmpty()) {
                ping(open);
                next = leaving.next(limits.ping());
            }
            while (!credits.awaitMoreThan(sequence, limits.ping())) {
                ping(open);
            }
            MessageQueue.Message message = next.get();
            sendPieces(open, sequence, message);
            leaving.release(message);
        }
    }

    private void sendPieces(FrameChannel open, int sequence, MessageQueue.Message message)
            throws IOException {
        ByteBuffer bytes = message.bytes();
        int end = bytes.limit();
        do {
            int offset = bytes.position();
            bytes.limit(Math.min(end, offset + Frame.CHUNK_BYTES));
            Frame head =
                    new Frame(
                            FrameKind.DATA,
                            purpose.epoch(),
                            purpose.edge(),
                            sequence,
                            message.shape(),
                            offset,
                            0,
                            0);
            open.write(head.with(bytes), bytes);
            bytes.limit(end);
        } while (bytes.hasRemaining());
    }

    private void ping(FrameChannel open) throws IOException {
        open.write(Frame.of(FrameKind.PING, purpose.epoch(), purpose.edge(), 0));
    }

    private void hear(FrameChannel open) {
        try {
            while (true) {
                Frame frame = open.read();
                if (frame.kind() != FrameKind.CREDIT
                        || frame.epoch() != purpose.epoch()
                        || frame.edge() != purpose.edge()) {
                    throw new LinkException("a frame that does not belong here");
                }
                credits.raiseTo(frame.sequence());
            }
        } catch (IOException e) {
            fail(e);
        }
    }

    /** Nothing goes any more. */
    void fail(IOException why) {
        end.fail(why);
    }
}
