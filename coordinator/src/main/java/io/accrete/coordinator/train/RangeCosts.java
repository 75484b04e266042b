package io.accrete.coordinator.train;

import io.accrete.protocol.train.SiteRange;
import io.accrete.protocol.train.StageMemory;

import java.util.List;
import java.util.function.ToLongFunction;

/** The costs of sites, added up over ranges. */
final class RangeCosts {
    private static final long FLOAT_BYTES = 4;

    /** The norm of a gradient is computed in double precision, of one tensor after the other. */
    private static final long SQUARE_BYTES = 8;

    /** Of what comes and goes in a step, the part that lies between it and is of no use. */
    private static final long SPARE_PART = 8;

    /** Buffers of what leaves a stage: one is sent while the next is filled. */
    private static final int LEAVING = 2;

    private final List<SiteCost> costs;
    private final boolean recompute;
    private final List<Tie> ties;
    private final long states;
    private final SiteCost[] sums;

    /**
     * @param recompute whether only inputs of sites are kept between passes
     */
    RangeCosts(ModelCost cost, boolean recompute) {
        this.costs = cost.sites();
        this.recompute = recompute;
        this.ties = cost.ties();
        this.states = states(costs);
        sums = new SiteCost[costs.size() + 1];
        sums[0] = SiteCost.NONE;
        for (int i = 0; i < costs.size(); i++) {
            SiteCost site = costs.get(i);
            // sums of inputs are needed, not their maximum
            SiteCost sum = sums[i].plus(site);
            sums[i + 1] =
                    new SiteCost(
                            sum.frozenBytes(),
                            sum.trained(),
                            sum.copied(),
                            sum.forwardFlops(),
                            sum.backwardFlops() + (recomputes(site) ? site.forwardFlops() : 0),
                            sum.keptBytes(),
                            sums[i].inputBytes() + site.inputBytes(),
                            sum.passingBytes(),
                            sum.scoringBytes(),
                            sum.largestTrained());
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
     * @param depth messages that an edge to another stage holds; 0 where there is no other stage
     */
    StageMemory memory(SiteRange range, int inFlight, int depth) {
        SiteCost before = sums[range.first()];
        SiteCost after = sums[range.end()];
        long trained = after.trained() - before.trained();
        long copied = after.copied() - before.copied();
        long kept =
                recompute
                        ? after.inputBytes() - before.inputBytes()
                        : after.keptBytes() - before.keptBytes();
        List<SiteCost> sites = costs.subList(range.first(), range.end());
        // before the first site or after the last one, whichever is not among these
        long activations = inFlight * (kept + states(sites));
        long gradients = FLOAT_BYTES * (trained + copied);
        long working =
                Math.max(
                        most(sites, this::working),
                        // when no activations are left
                        most(sites, site -> SQUARE_BYTES * site.largestTrained()) - activations);
        return new StageMemory(
                after.frozenBytes() - before.frozenBytes(),
                FLOAT_BYTES * (trained + copied),
                gradients,
                2 * FLOAT_BYTES * trained,
                activations,
                working + (gradients + activations + working) / SPARE_PART,
                depth == 0 ? 0 : edges(range, depth));
    }

    /** Bytes between two sites, as far as gradients go back. */
    private static long states(List<SiteCost> sites) {
        return sites.stream().mapToLong(SiteCost::inputBytes).filter(b -> b > 0).min().orElse(0);
    }

    /** Of the edges to others, each counted as if it led to another process. */
    private long edges(SiteRange range, int depth) {
        int neighbours = (range.first() > 0 ? 1 : 0) + (range.end() < costs.size() ? 1 : 0);
        long bytes = states * neighbours * (depth + LEAVING);
        for (Tie tie : ties) {
            bytes += FLOAT_BYTES * tie.elements() * tie.messages(range);
        }
        return bytes;
    }

    private static long most(List<SiteCost> sites, ToLongFunction<SiteCost> bytes) {
        return sites.stream().mapToLong(bytes).max().orElse(0);
    }

    private long working(SiteCost cost) {
        return (recompute ? cost.keptBytes() : 0)
                + Math.max(cost.passingBytes(), cost.scoringBytes());
    }

    private boolean recomputes(SiteCost cost) {
        return recompute && cost.hasBackward();
    }
}
