package io.accrete.coordinator.job;

import akka.actor.typed.BackoffSupervisorStrategy;
import akka.actor.typed.SupervisorStrategy;

import java.time.Duration;

/**
 * How long an actor puts up with a journal that does not work. A database may go away and come
 * back, a full disk may be emptied; but somebody is waiting for an answer.
 *
 * @param waitMin before the first new attempt
 * @param waitMax before each of the last
 * @param attemptsMax after which the actor ends
 */
public record JournalPatience(Duration waitMin, Duration waitMax, int attemptsMax) {
    /** Half a minute in all. */
    public static final JournalPatience DEFAULT =
            new JournalPatience(Duration.ofMillis(200), Duration.ofSeconds(3), 12);

    private static final double JITTER = 0.1;
    private static final Duration FORGOTTEN_AFTER = Duration.ofMinutes(2);

    BackoffSupervisorStrategy strategy() {
        return SupervisorStrategy.restartWithBackoff(waitMin, waitMax, JITTER)
                .withMaxRestarts(attemptsMax)
                .withResetBackoffAfter(FORGOTTEN_AFTER);
    }
}
