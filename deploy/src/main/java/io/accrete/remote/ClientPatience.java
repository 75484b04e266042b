package io.accrete.remote;

import java.time.Duration;

/**
 * How long a client waits for what.
 *
 * @param bound for an answer, with all that is tried again meanwhile
 * @param pause between two rounds through the servers, unless they ask for a longer one
 * @param silence after which a stream of events counts as broken
 */
public record ClientPatience(Duration bound, Duration pause, Duration silence) {
    /**
     * A cluster that lost its coordinator has another one after about 16 s. A silent stream says
     * every 10 s that it is alive ({@code accrete.http.heartbeat}): one of those may be late, three
     * that are missed in a row mean that nobody is there.
     */
    static final ClientPatience USUAL =
            new ClientPatience(
                    Duration.ofSeconds(30), Duration.ofSeconds(1), Duration.ofSeconds(30));
}
