package io.accrete.protocol.train;

/**
 * Neighbouring sites. The embedding belongs to the first site of the model, the last norm and the
 * head to the last one.
 *
 * @param first the first of them
 * @param end the first that is none of them any more
 */
public record SiteRange(int first, int end) {
    public SiteRange {
        if (first < 0 || end <= first) {
            throw new IllegalArgumentException("sites from %d to %d".formatted(first, end));
        }
    }

    public int size() {
        return end - first;
    }

    /** As people read it: {@code 3..7}, or {@code 3}. */
    @Override
    public String toString() {
        return size() == 1 ? Integer.toString(first) : first + ".." + (end - 1);
    }
}
