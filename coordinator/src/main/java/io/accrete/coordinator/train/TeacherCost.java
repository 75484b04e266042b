package io.accrete.coordinator.train;

import io.accrete.protocol.merge.Site;
import io.accrete.protocol.train.DistillSettings.Teacher;
import io.accrete.protocol.train.TeacherSpread;
import io.accrete.protocol.train.TrainJob;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a teacher adds to the costs of a model's sites: a forward pass of its layers, which are
 * spread over the sites, its frozen weights, its scores beside the model's, the states that are
 * matched.
 */
final class TeacherCost {
    private TeacherCost() {}

    /**
     * @param teacher if it is a model of its own
     */
    static ModelCost added(
            TrainJob job, TrainedModel model, Optional<TrainedModel> teacher, ModelCost own) {
        if (job.distill().isEmpty()) {
            return own;
        }
        List<SiteCost> costs = own.sites();
        List<Integer> hidden = job.distill().get().hidden();
        List<SiteCost> taught =
                switch (job.distill().get().teacher()) {
                    case Teacher.Folder _ ->
                            teacher.flatMap(other -> CostModel.of(job, other, List.of()))
                                    .map(all -> spread(all.sites(), costs, pinned(model, hidden)))
                                    .orElse(costs);
                    case Teacher.Self() -> again(model.lineage().sites(), costs);
                };
        return new ModelCost(held(job, model, hidden, taught), own.ties());
    }

    /** The site of each layer whose states are matched. */
    private static NavigableMap<Integer, Integer> pinned(TrainedModel model, List<Integer> hidden) {
        NavigableMap<Integer, Integer> sites = new TreeMap<>();
        hidden.forEach(site -> sites.put(model.lineage().sites().get(site).layer(), site));
        return sites;
    }

    private static List<SiteCost> spread(
            List<SiteCost> layers, List<SiteCost> costs, NavigableMap<Integer, Integer> pinned) {
        List<SiteCost> all = new ArrayList<>(costs);
        List<Integer> places = TeacherSpread.of(layers.size(), costs.size(), pinned);
        for (int layer = 0; layer < layers.size(); layer++) {
            int site = places.get(layer);
            all.set(site, all.get(site).plus(layers.get(layer)));
        }
        return all;
    }

    /** The gradient by states that are matched waits for the backward pass. */
    private static List<SiteCost> held(
            TrainJob job, TrainedModel model, List<Integer> hidden, List<SiteCost> costs) {
        long tokens = (long) job.batch().microBatch() * job.data().sequenceLength();
        long bytes = Float.BYTES * tokens * model.config().hidden().orElse(0);
        List<SiteCost> all = new ArrayList<>(costs);
        hidden.forEach(site -> all.set(site, all.get(site).holding(bytes)));
        return all;
    }

    /** The model without its clones is the teacher: its weights are there already. */
    private static List<SiteCost> again(List<Site> sites, List<SiteCost> costs) {
        List<SiteCost> all = new ArrayList<>();
        for (int site = 0; site < costs.size(); site++) {
            SiteCost own = costs.get(site);
            double forward = sites.get(site).occurrence() == 0 ? own.forwardFlops() : 0;
            all.add(own.plus(new SiteCost(0, 0, 0, forward, 0, 0, 0, 0, 0, 0)));
        }
        return all;
    }
}
