package io.accrete.worker.link;

import java.time.Duration;

/**
 * Bounds in time on what is between processes.
 *
 * @param ping after which a side that has nothing to say says so
 * @param silence after which an edge is given up on which nothing came; several times {@code ping}
 * @param handshake in which who connects has to prove who it is
 * @param connect how long is tried to open an edge
 */
public record LinkLimits(Duration ping, Duration silence, Duration handshake, Duration connect) {
    public LinkLimits {
        if (ping.compareTo(silence) >= 0) {
            throw new IllegalArgumentException(
                    "pings every %s cannot fill a silence of %s".formatted(ping, silence));
        }
    }
}
