package io.accrete.worker.link;

import io.accrete.protocol.tensor.Shape;
import io.accrete.protocol.wire.LinkAddress;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;

/**
 * How many bytes an edge carries in a second, between two processes: {@code take} prints its port
 * and takes, {@code give PORT} puts messages and prints a line for each size.
 */
public final class LinkThroughput {
    private static final int RUNS = 9;
    private static final int MESSAGES = 40;
    private static final int[] MEGABYTES = {1, 8, 64};

    private LinkThroughput() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        LinkLimits limits = LinkPair.LIMITS;
        try (LinkServer server = LinkPair.server(limits)) {
            EpochLinks links = server.begin(LinkPair.JOB, 0, LinkPair.EPOCH, LinkPair.SECRET);
            if (arguments[0].equals("take")) {
                IncomingEdge edge = links.incoming(LinkPair.EDGE, LinkPair.DEPTH, 64 << 20);
                System.out.println(server.address().port());
                take(edge);
            } else {
                LinkAddress peer = new LinkAddress("127.0.0.1", Integer.parseInt(arguments[1]));
                OutgoingEdge edge = links.outgoing(LinkPair.EDGE, peer, 64 << 20);
                links.awaitOpen();
                give(edge);
            }
        }
    }

    /** As a stage does: the bytes are copied out of the buffer. */
    private static void take(IncomingEdge edge) throws InterruptedException {
        ByteBuffer own = ByteBuffer.allocateDirect(64 << 20);
        try {
            while (true) {
                edge.take(
                        (_, bytes) -> {
                            own.clear().put(bytes.duplicate());
                            return own;
                        });
            }
        } catch (LinkException e) {
            System.err.println(e.getMessage());
        }
    }

    private static void give(OutgoingEdge edge) throws IOException, InterruptedException {
        for (int megabytes : MEGABYTES) {
            Shape shape = Shape.of((megabytes << 20) / Float.BYTES);
            ByteBuffer bytes = LinkTest.floats(new Random(1), shape);
            int messages = MESSAGES * 64 / megabytes;
            double[] rates = new double[RUNS];
            for (int run = -1; run < RUNS; run++) {
                long begun = System.nanoTime();
                for (int message = 0; message < messages; message++) {
                    edge.put(shape, bytes);
                }
                double seconds = (System.nanoTime() - begun) / 1e9;
                if (run >= 0) {
                    rates[run] = (double) messages * (megabytes << 20) / seconds / 1e9;
                }
            }
            Arrays.sort(rates);
            System.out.printf(
                    "%2d MiB a message: GB/s median %.2f, least %.2f, most %.2f%n",
                    megabytes, rates[RUNS / 2], rates[0], rates[RUNS - 1]);
        }
    }
}
