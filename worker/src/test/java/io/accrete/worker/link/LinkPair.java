package io.accrete.worker.link;

import io.accrete.protocol.wire.LinkAddress;
import io.accrete.protocol.wire.LinkSecret;
import io.accrete.worker.link.EdgeName.Purpose;

import java.io.IOException;
import java.time.Duration;

/** Two processes, as far as edges are concerned, and an edge from the one to the other. */
record LinkPair(LinkServer giving, LinkServer taking, EpochLinks from, EpochLinks to)
        implements AutoCloseable {
    static final String JOB = "train-1";
    static final long EPOCH = 7;
    static final LinkSecret SECRET = new LinkSecret("5ec2e7");
    static final EdgeName EDGE = new EdgeName(Purpose.FORWARD, 0, 1);
    static final int DEPTH = 2;
    static final int BYTES_MAX = 3 * Frame.CHUNK_BYTES;
    static final LinkLimits LIMITS =
            new LinkLimits(
                    Duration.ofMillis(200),
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(30));

    static LinkPair open() throws IOException {
        return open(LIMITS);
    }

    static LinkPair open(LinkLimits limits) throws IOException {
        LinkServer giving = server(limits);
        LinkServer taking = server(limits);
        return new LinkPair(
                giving,
                taking,
                giving.begin(JOB, 0, EPOCH, SECRET),
                taking.begin(JOB, 0, EPOCH, SECRET));
    }

    static LinkServer server(LinkLimits limits) throws IOException {
        LinkAddress any = new LinkAddress("127.0.0.1", 0);
        return LinkServer.open(any, any, limits);
    }

    IncomingEdge incoming() {
        return to.incoming(EDGE, DEPTH, BYTES_MAX);
    }

    OutgoingEdge outgoing() {
        return from.outgoing(EDGE, taking.address(), BYTES_MAX);
    }

    @Override
    public void close() throws IOException {
        from.close();
        to.close();
        giving.close();
        taking.close();
    }
}
