package io.accrete.local;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;

import io.accrete.coordinator.train.ParameterTable;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.merge.Lineage;
import io.accrete.protocol.merge.LineageFile;
import io.accrete.protocol.merge.Site;
import io.accrete.protocol.model.Finding;
import io.accrete.protocol.model.FolderFault;
import io.accrete.protocol.model.LlamaConfig;
import io.accrete.protocol.model.ModelFileException;
import io.accrete.protocol.model.ModelFolder;
import io.accrete.protocol.store.ModelLocator;
import io.accrete.protocol.store.Sha256;
import io.accrete.protocol.tensor.Shape;
import io.accrete.protocol.train.ParameterSettings;
import io.accrete.protocol.train.StartingModel;
import io.accrete.protocol.train.TrainJob;
import io.accrete.worker.data.EvaluationRows;
import io.accrete.worker.data.ModelVocabulary;
import io.accrete.worker.data.TokenRow;
import io.accrete.worker.data.TrainingRows;
import io.accrete.worker.nn.SiteSurgery;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a training job names, found and read: the model before and after surgery, its parameters,
 * the rows of its data.
 *
 * @param config of the model after surgery
 * @param tensors shapes of all its tensors
 * @param digest of all that decides the result
 */
record TrainInputs(
        ModelFolder folder,
        LlamaConfig config,
        SiteSurgery surgery,
        Lineage lineage,
        SortedMap<String, Shape> tensors,
        List<ParameterSettings> parameters,
        TrainingRows rows,
        List<TokenRow> validation,
        String digest) {

    private static final ObjectMapper JSON =
            JsonMapper.builder().addModule(new Jdk8Module()).build();

    /** Why a job cannot run. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1;
        private final transient List<Problem> problems;

        Refused(List<Problem> problems) {
            super(problems.getFirst().message());
            this.problems = List.copyOf(problems);
        }

        List<Problem> problems() {
            return problems;
        }
    }

    /**
     * @param locator relative paths count from its directory
     * @throws Refused if the job cannot run with what is there
     */
    static TrainInputs of(TrainJob job, ModelLocator locator) throws IOException, Refused {
        if (!(job.start() instanceof StartingModel.Folder(String model))) {
            throw refused("TRN-201", "", "training from a recipe does not run yet", "merge first");
        }
        ModelFolder folder = folder(model, locator);
        LlamaConfig own = config(folder);
        Lineage before =
                LineageFile.read(folder.path(), own.layers())
                        .orElseGet(() -> Lineage.plain(model, own.layers()));
        boolean grown = !job.sites().isEmpty();
        for (int site : job.sites()) {
            if (site < 0 || site >= own.layers()) {
                throw refused(
                        "TRN-202",
                        folder.path().toString(),
                        "`sites` names layer %d; the model has 0..%d"
                                .formatted(site, own.layers() - 1),
                        "name layers that the model has");
            }
        }
        Lineage lineage = grown ? before.choose(job.sites()) : before;
        LlamaConfig config = own.withLayers(lineage.sites().size());
        SiteSurgery surgery = grown ? surgery(job, lineage) : SiteSurgery.none(own.layers());
        SortedMap<String, Shape> tensors = tensors(folder, config, surgery);
        List<ParameterSettings> parameters =
                ParameterTable.of(job, folder.architecture().orElseThrow(), lineage, tensors);
        if (parameters.stream().noneMatch(ParameterSettings::trained)) {
            throw refused(
                    "TRN-203",
                    folder.path().toString(),
                    "nothing would learn: `trainable` matches no parameter of this model",
                    "choose all, or patterns of names that `accrete inspect` lists");
        }
        try (ModelVocabulary vocabulary = new ModelVocabulary(folder, config)) {
            List<Path> train = paths(job.data().train(), locator);
            TrainingRows rows =
                    TrainingRows.of(
                            train,
                            vocabulary,
                            job.data().sequenceLength(),
                            job.data().pack(),
                            job.data().shuffle(),
                            job.seed());
            List<TokenRow> validation = new ArrayList<>();
            List<Path> held = paths(job.data().validation(), locator);
            for (Path file : held) {
                validation.addAll(
                        EvaluationRows.of(
                                file, vocabulary, Math.max(1, job.data().sequenceLength() - 1)));
            }
            train.addAll(held);
            return new TrainInputs(
                    folder,
                    config,
                    surgery,
                    lineage,
                    tensors,
                    parameters,
                    rows,
                    validation,
                    digest(job, folder, train));
        }
    }

    private static ModelFolder folder(String model, ModelLocator locator) throws Refused {
        ModelLocator.Search search = locator.locate(model, Optional.empty());
        if (search.folder().isEmpty()) {
            throw refused(
                    FolderFault.NO_FOLDER.code(),
                    model,
                    "there is no such model; looked at " + search.lookedAt(),
                    FolderFault.NO_FOLDER.fix());
        }
        ModelFolder folder = ModelFolder.open(search.folder().get().normalize());
        List<Problem> errors =
                folder.findings().stream()
                        .filter(Finding::isError)
                        .map(TrainInputs::problem)
                        .toList();
        if (!errors.isEmpty()) {
            throw new Refused(errors);
        }
        if (!folder.weightsPresent()) {
            throw refused(
                    FolderFault.WEIGHTS_ABSENT.code(),
                    folder.path().toString(),
                    "not all weights are there",
                    "download them first");
        }
        return folder;
    }

    private static LlamaConfig config(ModelFolder folder) throws Refused {
        try {
            return LlamaConfig.of(folder);
        } catch (ModelFileException e) {
            throw refused(
                    e.fault().code(), folder.path().toString(), e.sentence(), e.fault().fix());
        }
    }

    /** What branches are multiplied with by the clones' initialisation. */
    private static SiteSurgery surgery(TrainJob job, Lineage lineage) {
        List<Double> factors = new ArrayList<>();
        for (Site site : lineage.sites()) {
            factors.add(
                    switch (job.clones().init()) {
                        case COPY -> 1.0;
                        case IDENTITY -> site.occurrence() == 0 ? 1.0 : 0.0;
                        case ONE_OVER_K -> 1.0 / site.copies();
                    });
        }
        return new SiteSurgery(job.sites(), factors);
    }

    private static SortedMap<String, Shape> tensors(
            ModelFolder folder, LlamaConfig config, SiteSurgery surgery) {
        SortedMap<String, Shape> shapes = new TreeMap<>();
        List<String> outer = new ArrayList<>(List.of(LlamaConfig.FINAL_NORM));
        if (!config.tied()) {
            outer.add(LlamaConfig.HEAD);
        }
        outer.forEach(name -> shapes.put(name, shape(folder, name)));
        shapes.put(LlamaConfig.EMBEDDING, Shape.of(config.vocabulary(), config.hidden()));
        for (int site = 0; site < config.layers(); site++) {
            List<String> names = config.layerTensors(site);
            List<String> sources = config.layerTensors(surgery.layers().get(site));
            for (int i = 0; i < names.size(); i++) {
                shapes.put(names.get(i), shape(folder, sources.get(i)));
            }
        }
        return shapes;
    }

    private static Shape shape(ModelFolder folder, String tensor) {
        return Optional.ofNullable(folder.tensors().get(tensor)).orElseThrow().spec().shape();
    }

    private static List<Path> paths(List<String> names, ModelLocator locator) {
        return new ArrayList<>(
                names.stream().map(name -> locator.directory().resolve(name).normalize()).toList());
    }

    private static String digest(TrainJob job, ModelFolder folder, List<Path> data)
            throws IOException {
        MessageDigest digest = Sha256.begin();
        try {
            digest.update(JSON.writeValueAsBytes(job));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("a job that has no JSON", e);
        }
        folder.files()
                .forEach(
                        file ->
                                digest.update(
                                        file.identity()
                                                .orElseThrow()
                                                .toString()
                                                .getBytes(StandardCharsets.UTF_8)));
        for (Path file : data) {
            digest.update(Files.readAllBytes(file));
        }
        return Sha256.hex(digest);
    }

    private static Problem problem(Finding finding) {
        return new Problem(
                Problem.Severity.ERROR,
                finding.code(),
                finding.file().toString(),
                null,
                null,
                finding.message(),
                finding.fix(),
                null);
    }

    static Refused refused(String code, String file, String message, String fix) {
        return new Refused(
                List.of(
                        new Problem(
                                Problem.Severity.ERROR,
                                code,
                                file.isEmpty() ? null : file,
                                null,
                                null,
                                message,
                                fix,
                                null)));
    }

    /** Names of the tensors that each parameter is written as. */
    SortedMap<String, List<String>> tensorsOf() {
        SortedMap<String, List<String>> names = new TreeMap<>();
        parameters.forEach(p -> names.put(p.name(), p.sites()));
        return names;
    }
}
