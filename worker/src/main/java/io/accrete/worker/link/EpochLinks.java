package io.accrete.worker.link;

import io.accrete.protocol.wire.LinkAddress;
import io.accrete.protocol.wire.LinkSecret;

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
        IncomingEdge edge = new IncomingEdge(name, epoch, depth, bound, limits);
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
        OutgoingEdge edge = new OutgoingEdge(name, purpose, secret, peer, bytesMax, limits, watch);
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

    /** From any thread: whoever waits at an edge is told why. */
    public synchronized void fail(String why) {
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
