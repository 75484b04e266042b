package io.accrete.coordinator.train;

import io.accrete.protocol.merge.Site;
import io.accrete.protocol.train.CloneSettings;
import io.accrete.protocol.train.TrainJob;
import io.accrete.protocol.train.TrainableSet;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The bar that growth is judged by: the model without its clones, all of it trained on the same
 * rows in the same order, with the same optimizer and as many steps.
 */
final class BaselineJob {
    private BaselineJob() {}

    /**
     * @param model that the job names, before its {@code sites}
     * @param steps that it takes; as many as the job takes at most if empty
     */
    static TrainJob of(TrainJob job, TrainedModel model, OptionalInt steps) {
        List<Integer> own =
                model.lineage().hasClones()
                        ? model.lineage().sites().stream()
                                .filter(site -> site.occurrence() == 0)
                                .map(Site::site)
                                .toList()
                        : List.of();
        return new TrainJob(
                job.start(),
                own,
                CloneSettings.NONE,
                new TrainableSet.All(),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                job.data(),
                job.batch(),
                job.optimizer(),
                steps.orElseGet(() -> steps(job, model)),
                Optional.empty(),
                job.pipeline(),
                job.checkpoint(),
                job.monitor(),
                job.output(),
                job.seed());
    }

    /** A growth has those of all its rounds, and those before them. */
    private static int steps(TrainJob job, TrainedModel model) {
        if (job.grow().isEmpty()) {
            return job.steps();
        }
        List<Integer> layers = model.as(job).lineage().sites().stream().map(Site::site).toList();
        return Growth.of(job.grow().get(), layers, job.steps()).stream()
                .mapToInt(Growth.Stage::steps)
                .sum();
    }
}
