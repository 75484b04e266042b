package io.accrete.node;

import java.time.Duration;
import java.time.Instant;

/**
 * How far two clocks are apart, as far as a question and its answer can tell: what the other one
 * showed it showed in between.
 *
 * @param least for certain
 * @param most for certain
 */
public record ClockGap(Duration least, Duration most) {

    /**
     * @param asked when it was asked, by this clock
     * @param answered when the answer was there, by this clock
     * @param there what the other clock showed
     * @param stale how much later it may have been there when it answered
     */
    public static ClockGap of(Instant asked, Instant answered, Instant there, Duration stale) {
        Duration lowest = Duration.between(answered, there);
        Duration highest = Duration.between(asked, there.plus(stale));
        Duration least =
                lowest.isPositive()
                        ? lowest
                        : highest.isNegative() ? highest.negated() : Duration.ZERO;
        Duration below = lowest.abs();
        Duration above = highest.abs();
        return new ClockGap(least, below.compareTo(above) > 0 ? below : above);
    }
}
