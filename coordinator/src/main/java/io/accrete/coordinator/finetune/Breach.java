package io.accrete.coordinator.finetune;

import java.time.Duration;

/**
 * Groups of stages do not reach each other.
 *
 * @param why as one of them says
 * @param sinceNanos on the driver's clock
 */
record Breach(String why, long sinceNanos) {
    static final Breach NONE = new Breach("", 0);

    /** In which the loss of a group shows, once it is suspected. */
    private static final Duration SUSPENSE = Duration.ofSeconds(10);

    /** Whether a loss would have shown. */
    boolean isOld(long now) {
        return now - sinceNanos >= SUSPENSE.toNanos();
    }
}
