package io.accrete.worker.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.accrete.protocol.tensor.Shape;
import io.accrete.protocol.wire.LinkAddress;
import io.accrete.protocol.wire.LinkSecret;
import io.accrete.worker.link.EdgeName.Purpose;

import org.awaitility.Awaitility;
import org.hamcrest.Matchers;
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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

@Timeout(120)
class LinkTest {
    private static final Executor ELSEWHERE = task -> Thread.ofVirtual().start(task);

    static ByteBuffer floats(Random random, Shape shape) {
        ByteBuffer bytes =
                ByteBuffer.allocateDirect((int) Frame.bytes(shape)).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            bytes.putFloat(random.nextFloat());
        }
        return bytes.flip();
    }

    /** A copy of a message. */
    record Taken(Shape shape, ByteBuffer bytes) {
        static Taken of(Shape shape, ByteBuffer lent) {
            ByteBuffer own = ByteBuffer.allocate(lent.remaining());
            return new Taken(shape, own.put(lent.duplicate()).flip());
        }
    }

    @Test
    void tensorsComeOutInOrderWhateverTheirSize() throws Exception {
        Random random = new Random(1);
        int chunk = Frame.CHUNK_BYTES / Float.BYTES;
        List<Shape> shapes =
                List.of(
                        Shape.of(2, 3),
                        Shape.of(0),
                        Shape.of(),
                        Shape.of(chunk),
                        Shape.of(chunk + 1),
                        Shape.of(3, chunk),
                        Shape.of(1, 1, 1, 1));
        try (LinkPair pair = LinkPair.open()) {
            OutgoingEdge outgoing = pair.outgoing();
            IncomingEdge incoming = pair.incoming();
            pair.from().awaitOpen();
            List<Taken> put = new ArrayList<>();
            for (int message = 0; message < 50; message++) {
                Shape shape = shapes.get(random.nextInt(shapes.size()));
                put.add(new Taken(shape, floats(random, shape)));
            }
            CompletableFuture<Void> putting =
                    CompletableFuture.runAsync(
                            () -> put.forEach(one -> putting(outgoing, one)), ELSEWHERE);
            for (Taken one : put) {
                assertThat(incoming.take(Taken::of)).isEqualTo(one);
            }
            putting.get();
        }
    }

    private static void putting(OutgoingEdge edge, Taken one) {
        try {
            edge.put(one.shape(), one.bytes());
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void whoPutsWaitsForWhoTakes() throws Exception {
        try (LinkPair pair = LinkPair.open()) {
            OutgoingEdge outgoing = pair.outgoing();
            IncomingEdge incoming = pair.incoming();
            AtomicInteger put = new AtomicInteger();
            Shape shape = Shape.of(1000);
            ByteBuffer bytes = floats(new Random(2), shape);
            CompletableFuture<Void> putting =
                    CompletableFuture.runAsync(
                            () -> {
                                for (int i = 0; i < 20; i++) {
                                    putting(outgoing, new Taken(shape, bytes));
                                    put.incrementAndGet();
                                }
                            },
                            ELSEWHERE);
            // Those that the other side holds, and those on their way.
            int room = LinkPair.DEPTH + 2;
            Awaitility.await().untilAtomic(put, Matchers.greaterThanOrEqualTo(room));
            for (int taken = 1; taken <= 20; taken++) {
                assertThat(put.get()).isLessThanOrEqualTo(room + taken);
                incoming.take(Taken::of);
            }
            putting.get();
        }
    }

    /** As of two workers that each have a GPU of one process. */
    @Test
    void twoGroupsOfOneProcessReachEachOther() throws Exception {
        try (LinkServer both = LinkPair.server(LinkPair.LIMITS);
                EpochLinks first = both.begin(LinkPair.JOB, 0, LinkPair.EPOCH, LinkPair.SECRET);
                EpochLinks second = both.begin(LinkPair.JOB, 1, LinkPair.EPOCH, LinkPair.SECRET)) {
            IncomingEdge incoming =
                    second.incoming(LinkPair.EDGE, LinkPair.DEPTH, LinkPair.BYTES_MAX);
            OutgoingEdge outgoing =
                    first.outgoing(LinkPair.EDGE, both.address(), LinkPair.BYTES_MAX);
            first.awaitOpen();
            outgoing.put(Shape.of(1), floats(new Random(4), Shape.of(1)));
            assertThat(incoming.take(Taken::of).shape()).isEqualTo(Shape.of(1));
        }
    }

    /** More of them than may be strangers at the same time. */
    @Test
    void aConnectionThatEndsBeforeItIsHeardLeavesItsPlace() throws Exception {
        try (LinkPair pair = LinkPair.open()) {
            for (int gone = 0; gone < 100; gone++) {
                SocketChannel closed = SocketChannel.open();
                closed.close();
                pair.taking().greet(closed);
            }
            pair.incoming();
            pair.outgoing();
            pair.from().awaitOpen();
        }
    }

    @Test
    void whoKnowsAnotherSecretIsRefused() throws Exception {
        try (LinkPair pair = LinkPair.open();
                LinkServer stranger = LinkPair.server(LinkPair.LIMITS)) {
            IncomingEdge incoming = pair.incoming();
            EpochLinks wrong =
                    stranger.begin(LinkPair.JOB, 0, LinkPair.EPOCH, new LinkSecret("other"));
            wrong.outgoing(LinkPair.EDGE, pair.taking().address(), LinkPair.BYTES_MAX);
            assertThatThrownBy(wrong::awaitOpen)
                    .isInstanceOf(LinkException.class)
                    .hasMessageContaining("does not know the secret");

            pair.outgoing().put(Shape.of(1), floats(new Random(3), Shape.of(1)));
            assertThat(incoming.take(Taken::of).shape()).isEqualTo(Shape.of(1));
        }
    }

    @Test
    void anOlderEpochIsRefused() throws Exception {
        try (LinkPair pair = LinkPair.open()) {
            IncomingEdge old = pair.incoming();
            pair.taking().begin(LinkPair.JOB, 0, LinkPair.EPOCH + 1, LinkPair.SECRET);
            pair.outgoing();
            assertThatThrownBy(pair.from()::awaitOpen).hasMessageContaining("later epoch");
            assertThatThrownBy(() -> old.take(Taken::of)).hasMessageContaining("epoch 8 began");
        }
    }

    @Test
    void aNewerEpochIsWaitedFor() throws Exception {
        try (LinkPair pair = LinkPair.open()) {
            EpochLinks ahead =
                    pair.giving().begin(LinkPair.JOB, 0, LinkPair.EPOCH + 1, LinkPair.SECRET);
            OutgoingEdge edge =
                    ahead.outgoing(LinkPair.EDGE, pair.taking().address(), LinkPair.BYTES_MAX);
            edge.put(Shape.of(1), floats(new Random(4), Shape.of(1)));
            EpochLinks late =
                    pair.taking().begin(LinkPair.JOB, 0, LinkPair.EPOCH + 1, LinkPair.SECRET);
            IncomingEdge incoming =
                    late.incoming(LinkPair.EDGE, LinkPair.DEPTH, LinkPair.BYTES_MAX);
            ahead.awaitOpen();
            assertThat(incoming.take(Taken::of).shape()).isEqualTo(Shape.of(1));
        }
    }

    @Test
    void anEndBreaksTheOther() throws Exception {
        try (LinkPair pair = LinkPair.open()) {
            pair.outgoing();
            IncomingEdge incoming = pair.incoming();
            pair.from().awaitOpen();
            pair.from().close();
            assertThatThrownBy(() -> incoming.take(Taken::of))
                    .isInstanceOf(LinkException.class)
                    .hasMessageContaining("the forward edge from stage 0 to stage 1 broke");
        }
    }

    /** A stage that waits for its next command waits at no edge. */
    @Test
    void aBreachIsToldWhereNobodyWaitsAndWhoIsGoneIsKnown() throws Exception {
        try (LinkPair pair = LinkPair.open()) {
            pair.outgoing();
            pair.incoming();
            pair.from().awaitOpen();
            AtomicInteger told = new AtomicInteger();
            pair.from().onBreach(told::incrementAndGet);
            assertThat(pair.from().refusing()).isEmpty();
            pair.taking().close();
            Awaitility.await().untilAtomic(told, Matchers.is(1));
            assertThat(pair.from().breach().orElseThrow())
                    .hasMessageContaining("the forward edge from stage 0 to stage 1 broke");
            assertThat(pair.from().refusing()).containsExactly(pair.taking().address());
        }
    }

    @Test
    void whoStillListensIsNotGone() throws Exception {
        try (LinkPair pair = LinkPair.open()) {
            pair.outgoing();
            pair.incoming();
            pair.from().awaitOpen();
            pair.to().close();
            Awaitility.await().until(() -> pair.from().breach().isPresent());
            assertThat(pair.from().refusing()).isEmpty();
            assertThat(pair.to().breach()).as("ended there").isEmpty();
        }
    }

    @Test
    void whoIsGoneIsNotWaitedFor() throws Exception {
        try (LinkServer giving = LinkPair.server(LinkPair.LIMITS)) {
            LinkServer gone = LinkPair.server(LinkPair.LIMITS);
            gone.close();
            EpochLinks from = giving.begin(LinkPair.JOB, 0, LinkPair.EPOCH, LinkPair.SECRET);
            from.outgoing(LinkPair.EDGE, gone.address(), LinkPair.BYTES_MAX);
            long begun = System.nanoTime();
            assertThatThrownBy(from::awaitOpen).hasMessageContaining("refused");
            assertThat(Duration.ofNanos(System.nanoTime() - begun))
                    .isLessThan(LinkPair.LIMITS.connect());
            assertThat(from.refusing()).containsExactly(gone.address());
        }
    }

    @Test
    void silenceIsAnEnd() throws Exception {
        LinkLimits brief =
                new LinkLimits(
                        Duration.ofMillis(100),
                        Duration.ofMillis(600),
                        Duration.ofMillis(600),
                        Duration.ofSeconds(2));
        try (ServerSocketChannel mute = ServerSocketChannel.open();
                LinkServer giving = LinkPair.server(brief)) {
            mute.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            EpochLinks from = giving.begin(LinkPair.JOB, 0, LinkPair.EPOCH, LinkPair.SECRET);
            from.outgoing(
                    LinkPair.EDGE,
                    new LinkAddress("127.0.0.1", mute.socket().getLocalPort()),
                    LinkPair.BYTES_MAX);
            assertThatThrownBy(from::awaitOpen).hasMessageContaining("silent for too long");
        }
    }

    @Test
    void pingsFillSilence() throws Exception {
        LinkLimits brief =
                new LinkLimits(
                        Duration.ofMillis(100),
                        Duration.ofSeconds(3),
                        Duration.ofSeconds(3),
                        Duration.ofSeconds(30));
        try (LinkPair pair = LinkPair.open(brief)) {
            OutgoingEdge outgoing = pair.outgoing();
            IncomingEdge incoming = pair.incoming();
            pair.from().awaitOpen();
            long begun = System.nanoTime();
            Awaitility.await()
                    .atMost(Duration.ofMinutes(1))
                    .until(() -> System.nanoTime() - begun > 5_000_000_000L);
            outgoing.put(Shape.of(1), floats(new Random(5), Shape.of(1)));
            assertThat(incoming.take(Taken::of).shape()).isEqualTo(Shape.of(1));
        }
    }

    @Test
    void whatIsTooLargeIsNotSent() throws Exception {
        try (LinkPair pair = LinkPair.open()) {
            OutgoingEdge edge = pair.outgoing();
            Shape shape = Shape.of(LinkPair.BYTES_MAX / Float.BYTES + 1);
            assertThatThrownBy(() -> edge.put(shape, floats(new Random(6), shape)))
                    .hasMessageContaining("takes 786,432 bytes at most");
        }
    }

    @Test
    void purposesAreOnDifferentEdges() throws Exception {
        try (LinkPair pair = LinkPair.open()) {
            EdgeName tied = new EdgeName(Purpose.TIED, 0, 1);
            IncomingEdge states = pair.incoming();
            IncomingEdge gradients = pair.to().incoming(tied, 1, LinkPair.BYTES_MAX);
            pair.from()
                    .outgoing(tied, pair.taking().address(), LinkPair.BYTES_MAX)
                    .put(Shape.of(2), floats(new Random(7), Shape.of(2)));
            pair.outgoing().put(Shape.of(1), floats(new Random(8), Shape.of(1)));
            assertThat(states.take(Taken::of).shape()).isEqualTo(Shape.of(1));
            assertThat(gradients.take(Taken::of).shape()).isEqualTo(Shape.of(2));
        }
    }
}
