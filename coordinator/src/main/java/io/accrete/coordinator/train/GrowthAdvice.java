package io.accrete.coordinator.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What is known about growing models of a size: the row of a table of published shapes that is
 * nearest, and a relation of capacity to parameters that is no more than a heuristic. Each is said
 * with what it rests on.
 */
public final class GrowthAdvice {
    /** Of the heuristic that capacity grows as a power of the parameters. */
    private static final double EXPONENT = 0.7;

    private static final double BILLION = 1e9;

    /** Below it nothing was published that would say something. */
    private static final double LEAST = 0.5;

    /** Beyond that depth the last but one row is not the nearest any more. */
    private static final double DEEP = 1.6;

    /**
     * A row of the table. Weights have two bytes a parameter, all that trains 18.
     *
     * @param below billions of parameters of the base
     * @param grown layers and billions of parameters before and after
     * @param weightsGib of the grown model
     * @param allGib to train all of it
     * @param newGib to train its new blocks only
     * @param cacheKib keys and values of a token
     */
    private record Row(
            double below,
            String grown,
            int weightsGib,
            int allGib,
            int newGib,
            int cacheKib,
            String advice) {
        private String sentence() {
            return String.format(
                    Locale.ROOT,
                    "nearest published shape: %s: weights %,d GiB, %,d GiB to train all of it, %,d"
                            + " GiB to train new blocks only, %,d KiB of cache a token: %s",
                    grown,
                    weightsGib,
                    allGib,
                    newGib,
                    cacheKib,
                    advice);
        }
    }

    /** Bounds are the geometric means between the sizes of neighbours. */
    private static final List<Row> ROWS =
            List.of(
                    new Row(
                            2,
                            "1B, 16 -> 24 layers, 1.24 -> 1.72 billion parameters",
                            3,
                            29,
                            10,
                            48,
                            "growth rarely beats a model of 3B that was trained as such; good for"
                                    + " tests"),
                    new Row(
                            5.1,
                            "3B, 28 -> 42 layers, 3.21 -> 4.62 billion parameters",
                            9,
                            77,
                            30,
                            168,
                            "identity clones, all else frozen; one device of 40 to 80 GB, or 4 CPU"
                                    + " nodes"),
                    new Row(
                            10.2,
                            "8B, 32 -> 48 layers, 8.03 -> 11.5 billion parameters",
                            21,
                            193,
                            73,
                            192,
                            "the class of SOLAR 10.7B and Yi-9B, with the best evidence; interpose"
                                    + " copies of middle layers, on 2 to 4 stages"),
                    new Row(
                            30,
                            "13B, 40 -> 60 layers, 13.0 -> 19.4 billion parameters",
                            36,
                            325,
                            131,
                            1200,
                            "without grouped queries the cache outweighs the rest"),
                    new Row(
                            169,
                            "70B, 80 -> 120 layers, 70.6 -> 104.8 billion parameters",
                            195,
                            1757,
                            705,
                            480,
                            "preferable to 1.75 times the depth; a teacher is strongly advised; 8"
                                    + " stages and more"),
                    new Row(
                            Double.POSITIVE_INFINITY,
                            "405B, 126 -> 210 layers, 405.9 -> 673.6 billion parameters",
                            1255,
                            11293,
                            5245,
                            840,
                            "experimental: no evaluation is published"));

    private static final Row DEEP_70B =
            new Row(
                    169,
                    "70B, 80 -> 140 layers, 70.6 -> 121.9 billion parameters",
                    227,
                    2043,
                    992,
                    560,
                    "merges without training are known for style only; plan for 10 billion tokens"
                            + " and more before claiming that it is healed");

    private GrowthAdvice() {}

    /**
     * As sentences; none for a model that did not grow.
     *
     * @param baseParameters of the model that it grows from
     */
    public static List<String> of(
            long baseParameters, int baseLayers, long ownParameters, int ownLayers) {
        if (ownLayers <= baseLayers) {
            return List.of();
        }
        List<String> advice = new ArrayList<>();
        advice.add(
                String.format(
                        Locale.ROOT,
                        "%d -> %d layers, %.2f times the parameters: %.2f times the capacity by"
                                + " parameters^%.1f, a heuristic whose exponent has no source, and"
                                + " never a result",
                        baseLayers,
                        ownLayers,
                        ratio(baseParameters, ownParameters),
                        capacity(baseParameters, ownParameters),
                        EXPONENT));
        double billions = baseParameters / BILLION;
        if (billions < LEAST) {
            advice.add(
                    "a model this small shows how growth works; it says little about large ones,"
                            + " and no growth of this size is published");
        } else {
            advice.add(row(billions, (double) ownLayers / baseLayers).sentence());
            advice.add(
                    "those sizes are computed from published shapes in bfloat16, and the advice is"
                        + " a judgement from published growth, nothing measured: each success among"
                        + " them grew by 1.25 to 1.5 times, middle to top, and then read 67 to 800"
                        + " billion tokens");
        }
        return advice;
    }

    /** How many times the capacity, by the heuristic. */
    private static double capacity(long baseParameters, long ownParameters) {
        return Math.pow(ratio(baseParameters, ownParameters), EXPONENT);
    }

    private static double ratio(long baseParameters, long ownParameters) {
        return (double) ownParameters / Math.max(1, baseParameters);
    }

    private static Row row(double billions, double depth) {
        Row nearest = ROWS.stream().filter(row -> billions < row.below()).findFirst().orElseThrow();
        return nearest.below() == DEEP_70B.below() && depth > DEEP ? DEEP_70B : nearest;
    }
}
