package io.accrete.protocol.wire;

import java.util.Comparator;

/**
 * Orders leases over take-overs of the coordinator: whatever carries an older epoch is refused.
 *
 * @param term journaled once per take-over
 * @param counter of the lease within its term
 */
public record Epoch(long term, long counter) implements Comparable<Epoch> {
    private static final Comparator<Epoch> ORDER =
            Comparator.comparingLong(Epoch::term).thenComparingLong(Epoch::counter);

    @Override
    public int compareTo(Epoch other) {
        return ORDER.compare(this, other);
    }

    /** As it stands in the names of temporary files: {@code 3-17}. */
    @Override
    public String toString() {
        return term + "-" + counter;
    }
}
