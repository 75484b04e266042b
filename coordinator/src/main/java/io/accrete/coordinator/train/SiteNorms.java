package io.accrete.coordinator.train;

import io.accrete.protocol.model.LlamaConfig;
import io.accrete.protocol.train.GuardState;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** The norm of the gradient of each site, and of all that is no site together. */
public final class SiteNorms {
    /** Below so many times what is usual for a site nothing is said. */
    private static final double OUTLIER = 3;

    private static final int SITES_SAID = 3;

    private SiteNorms() {}

    /**
     * @param squares sum of squares of each trained parameter's gradient, by name
     * @return by site; {@link GuardState#OUTSIDE} for embedding, last norm and head
     */
    public static SortedMap<Integer, Double> of(SortedMap<String, Double> squares) {
        SortedMap<Integer, Double> norms = new TreeMap<>();
        squares.forEach((name, square) -> norms.merge(site(name), square, Double::sum));
        norms.replaceAll((site, sum) -> Math.sqrt(sum));
        return norms;
    }

    private static int site(String name) {
        return LlamaConfig.isInLayer(name) ? LlamaConfig.layerOf(name) : GuardState.OUTSIDE;
    }

    /**
     * The sites that stand out most from what is usual for them, in words; empty where none does.
     */
    static String outliers(SortedMap<Integer, Double> now, SortedMap<Integer, Double> usual) {
        Map<Integer, Double> times = new TreeMap<>();
        now.forEach(
                (site, norm) -> {
                    double ratio = norm / usual.getOrDefault(site, Double.NaN);
                    if (ratio > OUTLIER) {
                        times.put(site, ratio);
                    }
                });
        List<String> said = new ArrayList<>();
        times.entrySet().stream()
                .sorted(Map.Entry.<Integer, Double>comparingByValue(Comparator.reverseOrder()))
                .limit(SITES_SAID)
                .forEach(
                        site ->
                                said.add(
                                        "%s %.3g times its usual gradient"
                                                .formatted(name(site.getKey()), site.getValue())));
        return String.join(", ", said);
    }

    private static String name(int site) {
        return site == GuardState.OUTSIDE ? "embedding and head have" : "layer " + site + " has";
    }
}
