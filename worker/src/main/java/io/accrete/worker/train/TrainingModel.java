package io.accrete.worker.train;

import io.accrete.protocol.merge.Site;
import io.accrete.protocol.model.LlamaConfig;
import io.accrete.protocol.model.ModelFolder;
import io.accrete.protocol.store.FileIdentity;
import io.accrete.protocol.train.PlannedTraining;
import io.accrete.protocol.train.TrainJob;
import io.accrete.worker.nn.SiteSurgery;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The model of a training as its stages see it.
 *
 * @param folder where its weights come from
 * @param config with the layers that it is trained with
 * @param surgery what its sites are made of
 */
public record TrainingModel(ModelFolder folder, LlamaConfig config, SiteSurgery surgery) {

    /**
     * @throws IOException if it cannot be read, or is not what was planned with
     */
    public static TrainingModel of(PlannedTraining planned) throws IOException {
        ModelFolder folder = ModelFolder.open(Path.of(planned.sources().model()));
        List<FileIdentity> now =
                folder.files().stream().flatMap(file -> file.identity().stream()).toList();
        if (!now.equals(planned.sources().weights())) {
            throw new SourceChangedException(
                    "the weights in %s are not what they were when the training was planned"
                            .formatted(folder.path()));
        }
        LlamaConfig own = LlamaConfig.of(folder);
        List<Site> sites = planned.plan().sites();
        TrainJob job = planned.plan().job();
        return new TrainingModel(
                folder,
                own.withLayers(sites.size()),
                job.sites().isEmpty() ? SiteSurgery.none(own.layers()) : surgery(job, sites));
    }

    /** What branches are multiplied with by the clones' initialisation. */
    private static SiteSurgery surgery(TrainJob job, List<Site> sites) {
        List<Double> factors = new ArrayList<>();
        for (Site site : sites) {
            factors.add(
                    switch (job.clones().init()) {
                        case COPY -> 1.0;
                        case IDENTITY -> site.occurrence() == 0 ? 1.0 : 0.0;
                        case ONE_OVER_K -> 1.0 / site.copies();
                    });
        }
        return new SiteSurgery(job.sites(), factors);
    }
}
