package io.accrete.worker.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.accrete.protocol.tensor.Shape;
import io.accrete.protocol.wire.LinkAddress;
import io.accrete.worker.link.LinkTest.Taken;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Peers that send what they should not, by a seed: nobody hangs, nobody takes memory for what does
 * not fit, and no tensor comes out that was not put in.
 */
@Timeout(300)
class LinkFuzzTest {
    private static final long SEED = Long.getLong("accrete.fuzz.seed", 1);
    private static final int CONVERSATIONS = Integer.getInteger("accrete.fuzz.links", 300);

    /** Short: much of what is sent ends in the middle. */
    private static final LinkLimits BRIEF =
            new LinkLimits(
                    Duration.ofMillis(50),
                    Duration.ofSeconds(2),
                    Duration.ofSeconds(2),
                    Duration.ofMillis(500));

    private static final Handshake.Purpose PURPOSE =
            new Handshake.Purpose(LinkPair.JOB, LinkPair.EPOCH, LinkPair.EDGE.code());

    /** A peer that speaks the protocol by hand, and can say anything. */
    private record Peer(SocketChannel socket, FrameChannel channel) implements AutoCloseable {
        static Peer of(SocketChannel socket) throws IOException {
            return new Peer(socket, new FrameChannel(socket, Duration.ofMinutes(1)));
        }

        static Peer to(LinkServer server) throws IOException {
            LinkAddress address = server.address();
            return of(SocketChannel.open(new InetSocketAddress(address.host(), address.port())));
        }

        void introduce() throws IOException {
            byte[] nonce = Handshake.nonce();
            Handshake.sayHello(channel, PURPOSE, nonce);
            assertThat(Handshake.answer(channel, LinkPair.SECRET, PURPOSE, nonce)).isZero();
            assertThat(channel.read().kind()).isEqualTo(FrameKind.WELCOME);
        }

        /** The other side may have closed in the middle of it. */
        void say(ByteBuffer bytes) {
            try {
                while (bytes.hasRemaining()) {
                    socket.write(bytes);
                }
            } catch (IOException e) {
                assertThat(e).hasMessageMatching("(?i).*(reset|broken pipe).*");
            }
        }

        @Override
        public void close() {
            channel.close();
        }
    }

    private static ByteBuffer frame(Frame head, ByteBuffer payload) {
        ByteBuffer all = ByteBuffer.allocate(Frame.BYTES + payload.remaining());
        ByteBuffer encoded = ByteBuffer.allocate(Frame.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        head.with(payload).encode(encoded);
        return all.put(encoded).put(payload.duplicate()).flip();
    }

    private static Frame data(int sequence, Shape shape) {
        return new Frame(
                FrameKind.DATA, LinkPair.EPOCH, LinkPair.EDGE.code(), sequence, shape, 0, 0, 0);
    }

    private static ByteBuffer garbage(Random random, int bytesMax) {
        byte[] bytes = new byte[1 + random.nextInt(bytesMax)];
        random.nextBytes(bytes);
        return ByteBuffer.wrap(bytes);
    }

    /** Something that must not be taken as the next message. */
    private static ByteBuffer wrong(Random random, int sequence) {
        Shape shape = Shape.of(1 + random.nextInt(50));
        ByteBuffer payload = LinkTest.floats(random, shape);
        Frame right = data(sequence, shape);
        return switch (random.nextInt(10)) {
            case 0 -> garbage(random, 1000);
            case 1 -> {
                ByteBuffer whole = frame(right, payload);
                int at = random.nextInt(whole.limit());
                yield whole.put(at, (byte) (whole.get(at) ^ 1 << random.nextInt(8)));
            }
            case 2 -> {
                ByteBuffer whole = frame(right, payload);
                yield whole.limit(random.nextInt(whole.limit()));
            }
            case 3 -> frame(data(sequence + 1 + random.nextInt(9), shape), payload);
            case 4 -> {
                // As large as can be written down, of which the first piece follows.
                Shape huge = Shape.of(Integer.MAX_VALUE, 1 + random.nextInt(1 << 20), 3);
                yield frame(data(sequence, huge), payload);
            }
            case 5 -> frame(data(sequence, Shape.of(0)), payload);
            case 6 ->
                    frame(
                            new Frame(
                                    FrameKind.DATA,
                                    LinkPair.EPOCH - 1 - random.nextInt(9),
                                    LinkPair.EDGE.code(),
                                    sequence,
                                    shape,
                                    0,
                                    0,
                                    0),
                            payload);
            case 7 ->
                    frame(
                            new Frame(
                                    FrameKind.DATA,
                                    LinkPair.EPOCH,
                                    LinkPair.EDGE.code() + 1 + random.nextInt(99),
                                    sequence,
                                    shape,
                                    0,
                                    0,
                                    0),
                            payload);
            case 8 ->
                    frame(
                            new Frame(
                                    FrameKind.DATA,
                                    LinkPair.EPOCH,
                                    LinkPair.EDGE.code(),
                                    sequence,
                                    shape,
                                    4 + random.nextInt(1 << 20),
                                    0,
                                    0),
                            payload);
            default -> {
                FrameKind[] kinds = {FrameKind.WELCOME, FrameKind.CREDIT, FrameKind.REFUSED};
                FrameKind kind = kinds[random.nextInt(kinds.length)];
                Frame head = Frame.of(kind, LinkPair.EPOCH, LinkPair.EDGE.code(), random.nextInt());
                yield frame(head, ByteBuffer.allocate(0));
            }
        };
    }

    @Test
    void whatIsWrongIsNeverTaken() throws Exception {
        Random random = new Random(SEED);
        try (LinkServer server = LinkPair.server(BRIEF)) {
            for (int conversation = 0; conversation < CONVERSATIONS; conversation++) {
                EpochLinks links = server.begin(LinkPair.JOB, 0, LinkPair.EPOCH, LinkPair.SECRET);
                IncomingEdge edge =
                        links.incoming(LinkPair.EDGE, LinkPair.DEPTH, LinkPair.BYTES_MAX);
                try (Peer stranger = Peer.to(server)) {
                    stranger.say(wrong(random, 0));
                }
                converse(random, server, edge, "conversation " + conversation);
            }
        }
        try (LinkPair pair = LinkPair.open()) {
            IncomingEdge edge = pair.incoming();
            pair.outgoing().put(Shape.of(1), LinkTest.floats(random, Shape.of(1)));
            assertThat(edge.take(Taken::of).shape()).isEqualTo(Shape.of(1));
        }
    }

    /** Some right messages, then one that is wrong, and more of any kind. */
    private static void converse(Random random, LinkServer server, IncomingEdge edge, String which)
            throws Exception {
        List<Taken> right = new ArrayList<>();
        try (Peer peer = Peer.to(server)) {
            peer.introduce();
            for (int sequence = random.nextInt(LinkPair.DEPTH); sequence > 0; sequence--) {
                Shape shape = Shape.of(random.nextInt(50));
                ByteBuffer bytes = LinkTest.floats(random, shape);
                peer.say(frame(data(right.size(), shape), bytes));
                right.add(Taken.of(shape, bytes));
            }
            peer.say(wrong(random, right.size()));
            if (random.nextBoolean()) {
                peer.say(garbage(random, 10_000));
            }
        }
        List<Taken> taken = new ArrayList<>();
        assertThatThrownBy(
                        () -> {
                            while (true) {
                                taken.add(edge.take(Taken::of));
                            }
                        })
                .as(which)
                .isInstanceOf(LinkException.class);
        assertThat(right.subList(0, taken.size())).as(which).isEqualTo(taken);
    }

    @Test
    void nobodyIsSentMoreThanWasAskedFor() throws Exception {
        Random random = new Random(SEED);
        try (LinkServer server = LinkPair.server(BRIEF);
                Peer peer = Peer.to(server)) {
            EpochLinks links = server.begin(LinkPair.JOB, 0, LinkPair.EPOCH, LinkPair.SECRET);
            IncomingEdge edge = links.incoming(LinkPair.EDGE, LinkPair.DEPTH, LinkPair.BYTES_MAX);
            peer.introduce();
            Shape shape = Shape.of(3);
            for (int sequence = 0; sequence <= LinkPair.DEPTH; sequence++) {
                peer.say(frame(data(sequence, shape), LinkTest.floats(random, shape)));
            }
            assertThatThrownBy(
                            () -> {
                                while (true) {
                                    peer.channel().read();
                                }
                            })
                    .isInstanceOf(IOException.class);
            assertThatThrownBy(() -> edge.take(Taken::of)).hasMessageContaining("without credit");
        }
    }

    /** A server that answers anything: who sends to it ends with an error, and soon. */
    @Test
    void whoSendsIsNotHeldUpByWhatAnswers() throws Exception {
        Random random = new Random(SEED);
        try (ServerSocketChannel listening = ServerSocketChannel.open();
                LinkServer giving = LinkPair.server(BRIEF)) {
            listening.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            Thread.ofVirtual().start(() -> answerAnything(listening, random));
            LinkAddress there = new LinkAddress("127.0.0.1", listening.socket().getLocalPort());
            for (int conversation = 0; conversation < CONVERSATIONS / 10; conversation++) {
                EpochLinks from = giving.begin(LinkPair.JOB, 0, LinkPair.EPOCH, LinkPair.SECRET);
                OutgoingEdge edge = from.outgoing(LinkPair.EDGE, there, LinkPair.BYTES_MAX);
                assertThatThrownBy(
                                () -> {
                                    while (true) {
                                        edge.put(Shape.of(9), LinkTest.floats(random, Shape.of(9)));
                                    }
                                })
                        .isInstanceOf(LinkException.class);
            }
        }
    }

    private static void answerAnything(ServerSocketChannel listening, Random random) {
        while (listening.isOpen()) {
            try (Peer peer = Peer.of(listening.accept())) {
                if (random.nextBoolean()) {
                    Handshake.Hello hello = Handshake.hearHello(peer.channel());
                    byte[] nonce = Handshake.nonce();
                    Handshake.challenge(peer.channel(), LinkPair.SECRET, hello, nonce);
                    assertThat(Handshake.isProved(peer.channel(), LinkPair.SECRET, hello, nonce))
                            .isTrue();
                    peer.channel()
                            .write(
                                    Frame.of(
                                            FrameKind.WELCOME,
                                            LinkPair.EPOCH,
                                            LinkPair.EDGE.code(),
                                            random.nextInt()));
                }
                peer.say(wrong(random, 0));
            } catch (IOException e) {
                assertThat(e).isNotNull(); // the other side closed: it has seen enough
            }
        }
    }
}
