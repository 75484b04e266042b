package io.accrete.worker.link;

import io.accrete.protocol.wire.LinkAddress;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Asks whether a process is there. A process listens from its start to its end, so where a machine
 * says that nobody listens its process is gone; silence says nothing.
 */
final class LinkProbe {
    private static final Duration PATIENCE = Duration.ofMillis(300);

    /** Who is about to end may still take a connection. */
    private static final int PROBES = 3;

    private static final int BETWEEN_MILLIS = 50;

    private LinkProbe() {}

    /** Those where nobody listens. */
    static List<LinkAddress> refusing(List<LinkAddress> peers) throws InterruptedException {
        CountDownLatch never = new CountDownLatch(1);
        Set<LinkAddress> refusing = new LinkedHashSet<>();
        for (int probe = 0; probe < PROBES && refusing.isEmpty(); probe++) {
            if (probe > 0) {
                never.await(BETWEEN_MILLIS, TimeUnit.MILLISECONDS);
            }
            peers.stream().filter(LinkProbe::isRefused).forEach(refusing::add);
        }
        return List.copyOf(refusing);
    }

    /** Only a clear answer counts. */
    private static boolean isRefused(LinkAddress peer) {
        try (Socket socket = new Socket()) {
            socket.connect(
                    new InetSocketAddress(peer.host(), peer.port()), (int) PATIENCE.toMillis());
            return false;
        } catch (IOException e) {
            return isRefusal(e);
        }
    }

    /** Not one that could not be asked. */
    static boolean isRefusal(IOException why) {
        return why instanceof ConnectException
                && String.valueOf(why.getMessage()).contains("refused");
    }
}
