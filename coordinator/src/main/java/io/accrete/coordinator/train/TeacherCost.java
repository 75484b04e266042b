package io.accrete.coordinator.train;

import io.accrete.protocol.merge.Site;
import io.accrete.protocol.train.DistillSettings.Teacher;
import io.accrete.protocol.train.TrainJob;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a teacher adds to the costs of a model's sites: a forward pass of its layers, which are
 * spread evenly over the sites, its frozen weights, its scores beside the model's.
 */
final class TeacherCost {
    private TeacherCost() {}

    /**
     * @param teacher if it is a model of its own
     */
    static List<SiteCost> added(
            TrainJob job,
            TrainedModel model,
            Optional<TrainedModel> teacher,
            List<SiteCost> costs) {
        if (job.distill().isEmpty()) {
            return costs;
        }
        return switch (job.distill().get().teacher()) {
            case Teacher.Folder _ ->
                    teacher.flatMap(own -> CostModel.of(job, own, List.of()))
                            .map(layers -> spread(layers, costs))
                            .orElse(costs);
            case Teacher.Self() -> again(model.lineage().sites(), costs);
        };
    }

    private static List<SiteCost> spread(List<SiteCost> layers, List<SiteCost> costs) {
        List<SiteCost> all = new ArrayList<>(costs);
        for (int layer = 0; layer < layers.size(); layer++) {
            int site = (int) ((long) layer * costs.size() / layers.size());
            all.set(site, all.get(site).plus(layers.get(layer)));
        }
        return all;
    }

    /** The model without its clones is the teacher: its weights are there already. */
    private static List<SiteCost> again(List<Site> sites, List<SiteCost> costs) {
        List<SiteCost> all = new ArrayList<>();
        for (int site = 0; site < costs.size(); site++) {
            SiteCost own = costs.get(site);
            double forward = sites.get(site).occurrence() == 0 ? own.forwardFlops() : 0;
            all.add(own.plus(new SiteCost(0, 0, 0, forward, 0, 0, 0, 0, own.scoreBytes())));
        }
        return all;
    }
}
