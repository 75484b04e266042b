package io.accrete.worker.train;

import io.accrete.protocol.merge.Site;
import io.accrete.protocol.model.LlamaConfig;
import io.accrete.protocol.model.ModelFolder;
import io.accrete.protocol.model.ModelSettings;
import io.accrete.protocol.model.PeftAdapter;
import io.accrete.protocol.store.FileIdentity;
import io.accrete.protocol.train.DistillSettings;
import io.accrete.protocol.train.DistillSettings.Teacher;
import io.accrete.protocol.train.TrainPlan;
import io.accrete.protocol.train.TrainSources;
import io.accrete.worker.nn.SiteSurgery;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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
    public static TrainingModel of(TrainSources sources, TrainPlan plan) throws IOException {
        ModelFolder folder = open(sources.model());
        return new TrainingModel(
                folder,
                LlamaConfig.of(folder).withLayers(plan.sites().size()),
                new SiteSurgery(plan.layers(), plan.branchFactors()),
                teacher(plan, sources),
                adapter(sources));
    }

    private static ModelFolder open(TrainSources.Folder source) throws IOException {
        ModelFolder folder = ModelFolder.open(Path.of(source.path()));
        List<FileIdentity> now =
                folder.files().stream().flatMap(file -> file.identity().stream()).toList();
        if (!source.stillIs(now, ModelSettings.digest(folder.path()))) {
            throw changed(folder.path());
        }
        return folder;
    }

    private static SourceChangedException changed(Path folder) {
        return new SourceChangedException(
                "the weights, the configuration or the tokenizer in %s are not what they were when the training was planned"
                        .formatted(folder));
    }

    private static Optional<TeacherSetup> teacher(TrainPlan plan, TrainSources sources)
            throws IOException {
        if (plan.job().distill().isEmpty()) {
            return Optional.empty();
        }
        DistillSettings distill = plan.job().distill().get();
        TeacherSetup.Network network =
                switch (distill.teacher()) {
                    case Teacher.Self() ->
                            new TeacherSetup.Network.Self(
                                    plan.sites().stream()
                                            .filter(site -> site.occurrence() == 0)
                                            .map(Site::site)
                                            .toList());
                    case Teacher.Folder _ -> {
                        ModelFolder folder = open(sources.teacher().orElseThrow());
                        yield new TeacherSetup.Network.Folder(folder, LlamaConfig.of(folder));
                    }
                };
        return Optional.of(
                new TeacherSetup(
                        network,
                        distill.weight(),
                        distill.temperature(),
                        matched(plan, distill),
                        distill.hiddenWeight()));
    }

    private static Map<Integer, Integer> matched(TrainPlan plan, DistillSettings distill) {
        Map<Integer, Integer> matched = new HashMap<>();
        for (int site : distill.hidden()) {
            switch (distill.teacher()) {
                case Teacher.Self() -> matched.put(site, site);
                case Teacher.Folder _ -> matched.put(plan.sites().get(site).layer(), site);
            }
        }
        return matched;
    }

    private static Optional<PeftAdapter> adapter(TrainSources sources) throws IOException {
        if (sources.adapter().isEmpty()) {
            return Optional.empty();
        }
        TrainSources.Folder source = sources.adapter().get();
        PeftAdapter adapter = PeftAdapter.open(Path.of(source.path()));
        Path folder = Path.of(source.path());
        if (!source.stillIs(List.of(adapter.identity()), ModelSettings.digest(folder))) {
            throw changed(folder);
        }
        return Optional.of(adapter);
    }
}
