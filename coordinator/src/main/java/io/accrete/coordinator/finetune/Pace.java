package io.accrete.coordinator.finetune;

import java.util.Optional;

/**
 * The speed of a training since a moment.
 *
 * @param tokensBefore scored before it
 */
record Pace(long sinceNanos, long tokensBefore) {

    Optional<Double> tokensPerSecond(long tokens, long now) {
        return now > sinceNanos
                ? Optional.of((tokens - tokensBefore) * 1e9 / (now - sinceNanos))
                : Optional.empty();
    }
}
