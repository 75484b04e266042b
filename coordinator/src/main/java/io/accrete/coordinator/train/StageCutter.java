package io.accrete.coordinator.train;

import io.accrete.protocol.train.SiteRange;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Cuts sites into neighbouring parts so that the slowest part is as fast as can be. */
final class StageCutter {

    /** What is known of parts. Both grow with every site that is added at the front. */
    interface Parts {
        double seconds(int part, SiteRange sites);

        boolean fits(int part, SiteRange sites);
    }

    private StageCutter() {}

    /** The sites of each part, at least one; empty where there is no cut whose parts all fit. */
    static Optional<List<SiteRange>> cut(int sites, int parts, Parts known) {
        if (parts > sites) {
            return Optional.empty();
        }
        // slowest[e]: of the best cut of the first e sites into the parts so far
        double[] slowest = new double[sites + 1];
        Arrays.fill(slowest, Double.POSITIVE_INFINITY);
        slowest[0] = 0;
        int[][] starts = new int[parts][sites + 1];
        for (int part = 0; part < parts; part++) {
            double[] next = new double[sites + 1];
            Arrays.fill(next, Double.POSITIVE_INFINITY);
            int endMax = sites - (parts - 1 - part);
            for (int end = part + 1; end <= endMax; end++) {
                for (int first = end - 1; first >= part; first--) {
                    SiteRange range = new SiteRange(first, end);
                    double seconds = known.seconds(part, range);
                    if (seconds >= next[end] || !known.fits(part, range)) {
                        break;
                    }
                    double worst = Math.max(slowest[first], seconds);
                    if (worst < next[end]) {
                        next[end] = worst;
                        starts[part][end] = first;
                    }
                }
            }
            slowest = next;
        }
        if (Double.isInfinite(slowest[sites])) {
            return Optional.empty();
        }
        List<SiteRange> cut = new ArrayList<>();
        int end = sites;
        for (int part = parts - 1; part >= 0; part--) {
            cut.addFirst(new SiteRange(starts[part][end], end));
            end = starts[part][end];
        }
        return Optional.of(cut);
    }
}
