package io.accrete.protocol.job;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * How often something took how long, by classes of duration.
 *
 * @param counts of each class
 * @param seconds of all together
 */
public record DurationCounts(List<Long> counts, double seconds) {
    /** Upper bounds of the classes, in seconds; a last class has none. */
    public static final List<Double> BOUNDS =
            List.of(
                    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
                    30.0, 60.0, 300.0, 1800.0);

    public static final DurationCounts NONE =
            new DurationCounts(Collections.nCopies(BOUNDS.size() + 1, 0L), 0);

    private static final double NANOS = 1e9;

    public DurationCounts {
        counts = List.copyOf(counts);
    }

    /** With one more; a clock that went back counts as no time. */
    public DurationCounts plus(long nanos) {
        double took = Math.max(0, nanos) / NANOS;
        int its = 0;
        while (its < BOUNDS.size() && took > BOUNDS.get(its)) {
            its++;
        }
        List<Long> more = new ArrayList<>(counts);
        more.set(its, counts.get(its) + 1);
        return new DurationCounts(more, seconds + took);
    }
}
