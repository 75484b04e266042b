package io.accrete.worker.data;

import java.util.Arrays;

/**
 * A sequence of token ids and what is to be predicted.
 *
 * @param ids at least one
 * @param labels as many, aligned with the ids as in Hugging Face: the target of a position is the
 *     label of the next one; {@link #NOT_SCORED} where it does not count
 */
public record TokenRow(long[] ids, long[] labels) {
    public static final long NOT_SCORED = -100;

    /** A row in which every id after the first counts. */
    public static TokenRow of(long[] ids) {
        return new TokenRow(ids, ids);
    }

    /** The positions from {@code start} to before {@code end}. */
    TokenRow part(int start, int end) {
        long[] some = Arrays.copyOfRange(ids, start, end);
        long[] targets = Arrays.copyOfRange(labels, start, end);
        return new TokenRow(some, Arrays.equals(some, targets) ? some : targets);
    }

    public int length() {
        return ids.length;
    }

    /** What each position is to predict; the last one predicts nothing. */
    public long[] targets() {
        long[] targets = Arrays.copyOfRange(labels, 1, labels.length + 1);
        targets[targets.length - 1] = NOT_SCORED;
        return targets;
    }

    /** Positions whose prediction counts. */
    public int scored() {
        return (int) Arrays.stream(targets()).filter(target -> target != NOT_SCORED).count();
    }
}
