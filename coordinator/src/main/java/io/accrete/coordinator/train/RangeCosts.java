package io.accrete.coordinator.train;

import io.accrete.protocol.train.SiteRange;
import io.accrete.protocol.train.StageMemory;

import java.util.List;

/** The costs of sites, added up over ranges. */
final class RangeCosts {
    private static final long FLOAT_BYTES = 4;
    private static final double KEPT_WORKING = 0.5;
    private static final double RECOMPUTED_WORKING = 1.5;

    private final List<SiteCost> costs;
    private final boolean recompute;
    private final SiteCost[] sums;

    /**
     * @param recompute whether only inputs of sites are kept between passes
     */
    RangeCosts(List<SiteCost> costs, boolean recompute) {
        this.costs = costs;
        this.recompute = recompute;
        sums = new SiteCost[costs.size() + 1];
        sums[0] = new SiteCost(0, 0, 0, 0, 0, 0, 0, 0, 0);
        for (int i = 0; i < costs.size(); i++) {
            SiteCost cost = costs.get(i);
            // sums of inputs are needed, not their maximum
            SiteCost sum = sums[i].plus(cost);
            sums[i + 1] =
                    new SiteCost(
                            sum.frozenBytes(),
                            sum.trained(),
                            sum.copied(),
                            sum.forwardFlops(),
                            sum.backwardFlops() + (recomputes(cost) ? cost.forwardFlops() : 0),
                            sum.keptBytes(),
                            sums[i].inputBytes() + cost.inputBytes(),
                            sum.castBytes(),
                            sum.scoreBytes());
        }
    }

    int sites() {
        return costs.size();
    }

    double forwardFlops(SiteRange range) {
        return sums[range.end()].forwardFlops() - sums[range.first()].forwardFlops();
    }

    double backwardFlops(SiteRange range) {
        return sums[range.end()].backwardFlops() - sums[range.first()].backwardFlops();
    }

    /**
     * @param inFlight passes whose activations are kept at a time
     */
    StageMemory memory(SiteRange range, int inFlight) {
        SiteCost before = sums[range.first()];
        SiteCost after = sums[range.end()];
        long trained = after.trained() - before.trained();
        long copied = after.copied() - before.copied();
        long kept =
                recompute
                        ? after.inputBytes() - before.inputBytes()
                        : after.keptBytes() - before.keptBytes();
        return new StageMemory(
                after.frozenBytes() - before.frozenBytes(),
                FLOAT_BYTES * (trained + copied),
                FLOAT_BYTES * (trained + copied),
                2 * FLOAT_BYTES * trained,
                inFlight * kept,
                costs.subList(range.first(), range.end()).stream()
                        .mapToLong(this::working)
                        .max()
                        .orElse(0));
    }

    private long working(SiteCost cost) {
        double share = recompute ? RECOMPUTED_WORKING : KEPT_WORKING;
        return (long) (share * cost.keptBytes()) + cost.castBytes() + cost.scoreBytes();
    }

    private boolean recomputes(SiteCost cost) {
        return recompute && cost.hasBackward();
    }
}
