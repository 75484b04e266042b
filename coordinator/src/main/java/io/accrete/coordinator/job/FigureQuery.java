package io.accrete.coordinator.job;

import java.util.OptionalInt;

/**
 * Which figures of a training are asked for.
 *
 * @param after the step that they come after; from the beginning if empty
 * @param until the last step; to the end if empty
 * @param most lines, but for those of one step
 */
public record FigureQuery(OptionalInt after, OptionalInt until, int most) {
    /** Bound on {@code most}. */
    public static final int MOST = 10_000;

    public FigureQuery {
        if (most < 1 || most > MOST) {
            throw new IllegalArgumentException("from 1 to %d lines, not %d".formatted(MOST, most));
        }
    }
}
