package io.accrete.worker.link;

import io.accrete.protocol.wire.LinkAddress;
import io.accrete.protocol.wire.LinkSecret;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** The edges between stages of one training in this process and those in others, in one epoch. */
public final class EpochLinks implements AutoCloseable {
    private final String job;
    private final long epoch;
    private final LinkSecret secret;
    private final LinkLimits limits;
    private final LinkWatch watch;
    private final Consumer<EpochLinks> ended;
    private final Map<Integer, IncomingEdge> incoming = new ConcurrentHashMap<>();
    private final List<OutgoingEdge> outgoing = new ArrayList<>();

    private volatile Runnable broken = () -> {};
    private volatile @Nullable LinkException breach;
    private boolean isOver;

    EpochLinks(
            String job,
            long epoch,
            LinkSecret secret,
            LinkLimits limits,
            LinkWatch watch,
            Consumer<EpochLinks> ended) {
        this.job = job;
        this.epoch = epoch;
        this.secret = secret;
        this.limits = limits;
        this.watch = watch;
        this.ended = ended;
    }

    public long epoch() {
        return epoch;
    }

    LinkSecret secret() {
        return secret;
    }

    /**
     * @param depth messages that it holds
     * @param bytesMax of a message
     */
    public synchronized IncomingEdge incoming(EdgeName name, int depth, long bytesMax) {
        int bound = (int) Math.min(bytesMax, Integer.MAX_VALUE);
        IncomingEdge edge = new IncomingEdge(name, epoch, depth, bound, limits, this::broke);
        incoming.put(name.code(), edge);
        return edge;
    }

    /**
     * Begins to connect.
     *
     * @param bytesMax of a message
     */
    public synchronized OutgoingEdge outgoing(EdgeName name, LinkAddress peer, long bytesMax) {
        Handshake.Purpose purpose = new Handshake.Purpose(job, epoch, name.code());
        OutgoingEdge edge =
                new OutgoingEdge(name, purpose, secret, peer, bytesMax, limits, watch, this::broke);
        outgoing.add(edge);
        edge.start();
        return edge;
    }

    /**
     * Returns once all that go out are open.
     *
     * @throws LinkException if one cannot be opened
     */
    public void awaitOpen() throws LinkException, InterruptedException {
        List<OutgoingEdge> all;
        synchronized (this) {
            all = List.copyOf(outgoing);
        }
        for (OutgoingEdge edge : all) {
            edge.awaitOpen();
        }
    }

    Optional<IncomingEdge> incoming(int code) {
        return Optional.ofNullable(incoming.get(code));
    }

    /**
     * @param told once, by any thread, when an edge breaks: nobody may be waiting at it
     */
    public void onBreach(Runnable told) {
        broken = told;
    }

    private void broke(LinkException why) {
        boolean first;
        synchronized (this) {
            first = !isOver && breach == null;
            breach = first ? why : breach;
        }
        if (first) {
            broken.run();
        }
    }

    /** Why an edge broke, if one did that was not ended here. */
    public Optional<LinkException> breach() {
        return Optional.ofNullable(breach);
    }

    /** Where nobody listens any more, of those to whom an edge that broke may have led. */
    public List<LinkAddress> refusing() throws InterruptedException {
        if (breach == null) {
            return List.of();
        }
        List<LinkAddress> peers;
        synchronized (this) {
            peers = outgoing.stream().map(OutgoingEdge::peer).distinct().toList();
        }
        return LinkProbe.refusing(peers);
    }

    /** From any thread: whoever waits at an edge is told why. */
    public synchronized void fail(String why) {
        isOver = true;
        LinkException reason = new LinkException(why);
        incoming.values().forEach(edge -> edge.fail(reason));
        outgoing.forEach(edge -> edge.fail(reason));
    }

    @Override
    public void close() {
        ended.accept(this);
        fail("the stages ended");
    }
}
