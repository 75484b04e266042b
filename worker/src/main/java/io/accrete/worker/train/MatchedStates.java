package io.accrete.worker.train;

import io.accrete.protocol.train.MicroLoss;
import io.accrete.worker.nn.LayerSlice;
import io.accrete.worker.tensor.Tensor;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** What the states of a stage that are matched with a teacher's add to the losses of a step. */
final class MatchedStates {
    private final double weight;
    private final long targets;
    private final SortedMap<Integer, SortedMap<Integer, MicroLoss>> found = new TreeMap<>();

    /**
     * @param weight of the distance in the loss
     * @param targets of the whole step
     */
    MatchedStates(double weight, long targets) {
        this.weight = weight;
        this.targets = targets;
    }

    /** Takes the teacher's states that a site is to have on a micro-batch, for the way back. */
    void match(LayerSlice slice, int microBatch, int site, Tensor states, Tensor scored) {
        // A step without a target has a gradient of zero; the driver skips it.
        double factor = weight / Math.max(1, targets);
        double gap = slice.pull(microBatch, site, states, scored, factor);
        found.computeIfAbsent(site, _ -> new TreeMap<>())
                .put(microBatch, new MicroLoss(weight * gap, 0, 0, gap));
    }

    /** Of the micro-batches in order, by site. */
    SortedMap<Integer, List<MicroLoss>> bySite() {
        SortedMap<Integer, List<MicroLoss>> all = new TreeMap<>();
        for (Map.Entry<Integer, SortedMap<Integer, MicroLoss>> site : found.entrySet()) {
            all.put(site.getKey(), List.copyOf(site.getValue().values()));
        }
        return all;
    }
}
