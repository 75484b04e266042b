package io.accrete.worker.link;

import io.accrete.protocol.wire.LinkAddress;
import io.accrete.protocol.wire.LinkSecret;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/**
 * Takes the connections of stages in other processes, for all trainings of this process. Who cannot
 * prove that it belongs to one changes nothing.
 */
public final class LinkServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LinkServer.class);

    /** Of those who have not proved who they are. */
    private static final int STRANGERS_MAX = 64;

    private final ServerSocketChannel listening;
    private final LinkAddress address;
    private final LinkLimits limits;
    private final LinkWatch watch = new LinkWatch();
    private final Semaphore strangers = new Semaphore(STRANGERS_MAX);
    private final Map<Holder, EpochLinks> byHolder = new ConcurrentHashMap<>();

    /**
     * A group of stages that this process holds; with several GPUs it may hold several of a job.
     */
    private record Holder(String job, int group) {}

    private LinkServer(ServerSocketChannel listening, LinkAddress address, LinkLimits limits) {
        this.listening = listening;
        this.address = address;
        this.limits = limits;
    }

    /**
     * Listens.
     *
     * @param bind where; port 0 for any that is free
     * @param named host and port by which others find it; port 0 for that on which it listens
     * @throws IOException if it cannot listen there
     */
    public static LinkServer open(LinkAddress bind, LinkAddress named, LinkLimits limits)
            throws IOException {
        ServerSocketChannel listening = ServerSocketChannel.open();
        try {
            listening.bind(new InetSocketAddress(bind.host(), bind.port()));
            int port = ((InetSocketAddress) listening.getLocalAddress()).getPort();
            LinkAddress address =
                    new LinkAddress(named.host(), named.port() == 0 ? port : named.port());
            LinkServer server = new LinkServer(listening, address, limits);
            Thread.ofVirtual().name("link-accept").start(server::accept);
            return server;
        } catch (IOException | RuntimeException e) {
            listening.close();
            throw e;
        }
    }

    /** Where others find it. */
    public LinkAddress address() {
        return address;
    }

    /** The edges of a group of a training in a new epoch; its edges of an older one break. */
    public EpochLinks begin(String job, int group, long epoch, LinkSecret secret) {
        Holder holder = new Holder(job, group);
        EpochLinks links =
                new EpochLinks(
                        job, epoch, secret, limits, watch, over -> byHolder.remove(holder, over));
        EpochLinks before = byHolder.put(holder, links);
        if (before != null) {
            before.fail("epoch %d began".formatted(epoch));
        }
        return links;
    }

    private void accept() {
        while (listening.isOpen()) {
            try {
                greet(listening.accept());
            } catch (IOException e) {
                LOG.debug("a connection could not be taken: {}", e.toString());
            }
        }
    }

    /** Hears on another thread who it is, unless there are many already of whom nobody knows. */
    void greet(SocketChannel socket) throws IOException {
        if (strangers.tryAcquire()) {
            LinkThread.of("link-receive", () -> meet(socket)).start();
        } else {
            socket.close();
        }
    }

    private void meet(SocketChannel socket) {
        try (socket) {
            FrameChannel channel;
            Optional<IncomingEdge> edge;
            try {
                channel = new FrameChannel(socket, limits.handshake());
                watch.add(channel);
                edge = introduced(channel);
            } finally {
                strangers.release();
            }
            edge.ifPresent(open -> open.serve(channel));
        } catch (IOException e) {
            LOG.debug("a connection is refused: {}", e.toString());
        }
    }

    /** The edge that the connection is for, if it may be. */
    private Optional<IncomingEdge> introduced(FrameChannel channel) throws IOException {
        Handshake.Hello hello = Handshake.hearHello(channel);
        Handshake.Purpose purpose = hello.purpose();
        List<EpochLinks> known =
                byHolder.entrySet().stream()
                        .filter(entry -> entry.getKey().job().equals(purpose.job()))
                        .map(Map.Entry::getValue)
                        .toList();
        Optional<EpochLinks> holding =
                known.stream()
                        .filter(links -> links.epoch() == purpose.epoch())
                        .filter(links -> links.incoming(purpose.edge()).isPresent())
                        .findFirst();
        if (holding.isEmpty()) {
            boolean over = known.stream().anyMatch(links -> links.epoch() > purpose.epoch());
            return refuse(channel, purpose, over ? Handshake.OVER : Handshake.NOT_YET);
        }
        EpochLinks links = holding.get();
        Optional<IncomingEdge> edge = links.incoming(purpose.edge());
        byte[] nonce = Handshake.nonce();
        Handshake.challenge(channel, links.secret(), hello, nonce);
        if (!Handshake.isProved(channel, links.secret(), hello, nonce)) {
            LOG.warn("{}: a connection that does not know the secret is refused", purpose.job());
            return refuse(channel, purpose, Handshake.DENIED);
        }
        return edge.orElseThrow().connect(channel)
                ? edge
                : refuse(channel, purpose, Handshake.TAKEN);
    }

    private static Optional<IncomingEdge> refuse(
            FrameChannel channel, Handshake.Purpose purpose, int why) throws IOException {
        channel.write(Frame.of(FrameKind.REFUSED, purpose.epoch(), purpose.edge(), why));
        return Optional.empty();
    }

    @Override
    public void close() throws IOException {
        listening.close();
        byHolder.values().forEach(links -> links.fail("the process ends"));
        watch.close();
    }
}
