package io.accrete.coordinator.finetune;

import java.util.Optional;

/**
 * The speed of a training from one moment to the end of its last step: what follows, as the writing
 * of the result, is no step.
 *
 * @param tokensBefore scored before it began
 * @param tokens scored before it ended
 */
record Pace(long sinceNanos, long tokensBefore, long untilNanos, long tokens) {

    /** Of nothing yet. */
    static Pace since(long nanos, long tokens) {
        return new Pace(nanos, tokens, nanos, tokens);
    }

    /** A step ended. */
    Pace until(long nanos, long tokensNow) {
        return new Pace(sinceNanos, tokensBefore, nanos, tokensNow);
    }

    Optional<Double> tokensPerSecond() {
        return untilNanos > sinceNanos
                ? Optional.of((tokens - tokensBefore) * 1e9 / (untilNanos - sinceNanos))
                : Optional.empty();
    }
}
