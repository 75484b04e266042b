package io.accrete.coordinator.train;

/**
 * The numbers that a setting may have.
 *
 * @param low its lower end
 * @param lowIncluded whether that is one of them
 * @param high its upper end
 * @param highIncluded whether that is one of them
 */
record Interval(double low, boolean lowIncluded, double high, boolean highIncluded) {
    static final Interval POSITIVE = new Interval(0, false, Double.MAX_VALUE, true);
    static final Interval NOT_NEGATIVE = new Interval(0, true, Double.MAX_VALUE, true);
    static final Interval SHARE = new Interval(0, true, 1, true);
    static final Interval ANY = new Interval(-Double.MAX_VALUE, true, Double.MAX_VALUE, true);
    static final Interval FACTOR = new Interval(0, false, 1, true);
    static final Interval BELOW_ONE = new Interval(0, true, 1, false);

    static Interval from(long low, long high) {
        return new Interval(low, true, high, true);
    }

    boolean has(double value) {
        return (lowIncluded ? value >= low : value > low)
                && (highIncluded ? value <= high : value < high);
    }

    /** For example {@code at least 0 and below 1}. */
    String words() {
        String above = (lowIncluded ? "at least " : "above ") + text(low);
        return high == Double.MAX_VALUE
                ? above
                : above + " and " + (highIncluded ? "at most " : "below ") + text(high);
    }

    private static String text(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }
}
