package io.accrete.coordinator.job;

import akka.actor.typed.BackoffSupervisorStrategy;
import akka.actor.typed.SupervisorStrategy;

import java.time.Duration;

/**
 * How long an actor puts up with a journal that does not work. A database may go away and come
 * back, a full disk may be emptied; but somebody is waiting for an answer.
 */
final class JournalPatience {
    private static final Duration WAIT_MIN = Duration.ofMillis(200);
    private static final Duration WAIT_MAX = Duration.ofSeconds(10);
    private static final double JITTER = 0.1;

    /** Half a minute in all. */
    private static final int RESTARTS_MAX = 8;

    private static final Duration FORGOTTEN_AFTER = Duration.ofMinutes(2);

    private JournalPatience() {}

    static BackoffSupervisorStrategy strategy() {
        return SupervisorStrategy.restartWithBackoff(WAIT_MIN, WAIT_MAX, JITTER)
                .withMaxRestarts(RESTARTS_MAX)
                .withResetBackoffAfter(FORGOTTEN_AFTER);
    }
}
