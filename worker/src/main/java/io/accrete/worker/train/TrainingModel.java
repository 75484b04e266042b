package io.accrete.worker.train;

import io.accrete.protocol.merge.Site;
import io.accrete.protocol.model.LlamaConfig;
import io.accrete.protocol.model.ModelFolder;
import io.accrete.protocol.model.PeftAdapter;
import io.accrete.protocol.store.FileIdentity;
import io.accrete.protocol.train.DistillSettings;
import io.accrete.protocol.train.DistillSettings.Teacher;
import io.accrete.protocol.train.PlannedTraining;
import io.accrete.protocol.train.TrainJob;
import io.accrete.protocol.train.TrainSources;
import io.accrete.worker.nn.SiteSurgery;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The model of a training as its stages see it.
 *
 * @param folder where its weights come from
 * @param config with the layers that it is trained with
 * @param surgery what its sites are made of
 * @param teacher whose scores it is to come close to
 * @param adapter that its low-rank matrices start from
 */
public record TrainingModel(
        ModelFolder folder,
        LlamaConfig config,
        SiteSurgery surgery,
        Optional<TeacherSetup> teacher,
        Optional<PeftAdapter> adapter) {

    /**
     * @throws IOException if it cannot be read, or is not what was planned with
     */
    public static TrainingModel of(PlannedTraining planned) throws IOException {
        TrainSources sources = planned.sources();
        ModelFolder folder = open(sources.model());
        LlamaConfig own = LlamaConfig.of(folder);
        List<Site> sites = planned.plan().sites();
        TrainJob job = planned.plan().job();
        return new TrainingModel(
                folder,
                own.withLayers(sites.size()),
                surgery(job, sites),
                teacher(job, sites, sources),
                adapter(sources));
    }

    private static ModelFolder open(TrainSources.Folder source) throws IOException {
        ModelFolder folder = ModelFolder.open(Path.of(source.path()));
        List<FileIdentity> now =
                folder.files().stream().flatMap(file -> file.identity().stream()).toList();
        if (!now.equals(source.weights())) {
            throw changed(folder.path());
        }
        return folder;
    }

    private static SourceChangedException changed(Path folder) {
        return new SourceChangedException(
                "the weights in %s are not what they were when the training was planned"
                        .formatted(folder));
    }

    /** What branches are multiplied with by the clones' initialisation. */
    private static SiteSurgery surgery(TrainJob job, List<Site> sites) {
        List<Integer> layers =
                job.sites().isEmpty()
                        ? IntStream.range(0, sites.size()).boxed().toList()
                        : job.sites();
        List<Double> factors = new ArrayList<>();
        for (Site site : sites) {
            factors.add(
                    switch (job.clones().init()) {
                        case COPY -> 1.0;
                        case IDENTITY -> site.occurrence() == 0 ? 1.0 : 0.0;
                        case ONE_OVER_K -> 1.0 / site.copies();
                    });
        }
        return new SiteSurgery(layers, factors);
    }

    private static Optional<TeacherSetup> teacher(
            TrainJob job, List<Site> sites, TrainSources sources) throws IOException {
        if (job.distill().isEmpty()) {
            return Optional.empty();
        }
        DistillSettings distill = job.distill().get();
        TeacherSetup.Network network =
                switch (distill.teacher()) {
                    case Teacher.Self() ->
                            new TeacherSetup.Network.Self(
                                    sites.stream()
                                            .filter(site -> site.occurrence() == 0)
                                            .map(Site::site)
                                            .toList());
                    case Teacher.Folder _ -> {
                        ModelFolder folder = open(sources.teacher().orElseThrow());
                        yield new TeacherSetup.Network.Folder(folder, LlamaConfig.of(folder));
                    }
                };
        return Optional.of(new TeacherSetup(network, distill.weight(), distill.temperature()));
    }

    private static Optional<PeftAdapter> adapter(TrainSources sources) throws IOException {
        if (sources.adapter().isEmpty()) {
            return Optional.empty();
        }
        TrainSources.Folder source = sources.adapter().get();
        PeftAdapter adapter = PeftAdapter.open(Path.of(source.path()));
        if (!source.weights().equals(List.of(adapter.identity()))) {
            throw changed(Path.of(source.path()));
        }
        return Optional.of(adapter);
    }
}
