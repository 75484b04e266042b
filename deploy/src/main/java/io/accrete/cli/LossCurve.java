package io.accrete.cli;

/**
 * The losses of a training as a line of blocks, in bounded memory: when there are too many points,
 * neighbours become one. Confined to one thread.
 */
final class LossCurve {
    private static final int POINTS_MAX = 4096;
    private static final String BLOCKS = "▁▂▃▄▅▆▇█";

    private final double[] sums = new double[POINTS_MAX];
    private final int[] counts = new int[POINTS_MAX];

    /** Steps in a point that is full. */
    private int perPoint = 1;

    /** Points begun so far. */
    private int points;

    /** What is not finite has no place on it. */
    void add(double loss) {
        if (!Double.isFinite(loss)) {
            return;
        }
        if (points == 0 || counts[points - 1] == perPoint) {
            if (points == POINTS_MAX) {
                halve();
            }
            sums[points] = 0;
            counts[points] = 0;
            points++;
        }
        sums[points - 1] += loss;
        counts[points - 1]++;
    }

    private void halve() {
        for (int i = 0; i < POINTS_MAX / 2; i++) {
            sums[i] = sums[2 * i] + sums[2 * i + 1];
            counts[i] = counts[2 * i] + counts[2 * i + 1];
        }
        points = POINTS_MAX / 2;
        perPoint *= 2;
    }

    /**
     * One character for each part of the steps, from the first to the last: the mean loss of that
     * part, between the lowest and the highest of these.
     *
     * @param width at most so many characters
     */
    String text(int width) {
        int columns = Math.min(width, points);
        double[] means = new double[columns];
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        for (int column = 0; column < columns; column++) {
            int end = (int) ((column + 1L) * points / columns);
            double sum = 0;
            long count = 0;
            for (int i = (int) ((long) column * points / columns); i < end; i++) {
                sum += sums[i];
                count += counts[i];
            }
            means[column] = sum / count;
            low = Math.min(low, means[column]);
            high = Math.max(high, means[column]);
        }
        StringBuilder text = new StringBuilder();
        for (double mean : means) {
            double share = high > low ? (mean - low) / (high - low) : 0;
            int block = (int) Math.min(BLOCKS.length() - 1, share * BLOCKS.length());
            text.append(BLOCKS.charAt(block));
        }
        return text.toString();
    }
}
