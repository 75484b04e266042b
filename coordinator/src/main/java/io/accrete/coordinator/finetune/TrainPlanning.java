package io.accrete.coordinator.finetune;

import io.accrete.coordinator.train.DeviceModel;
import io.accrete.coordinator.train.JobReader;
import io.accrete.coordinator.train.ParsedJob;
import io.accrete.coordinator.train.TrainOutcome;
import io.accrete.coordinator.train.TrainPlanner;
import io.accrete.coordinator.train.TrainRequest;
import io.accrete.coordinator.train.TrainedModel;
import io.accrete.coordinator.yaml.Position;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.job.Problem.Severity;
import io.accrete.protocol.merge.Lineage;
import io.accrete.protocol.merge.LineageFile;
import io.accrete.protocol.model.FolderFault;
import io.accrete.protocol.model.LlamaConfig;
import io.accrete.protocol.model.ModelFileException;
import io.accrete.protocol.model.ModelFolder;
import io.accrete.protocol.model.PeftAdapter;
import io.accrete.protocol.model.TensorLocation;
import io.accrete.protocol.store.DataFile;
import io.accrete.protocol.store.ModelLocator;
import io.accrete.protocol.tensor.Shape;
import io.accrete.protocol.tensor.TensorSpec;
import io.accrete.protocol.train.AddedParameters;
import io.accrete.protocol.train.DistillSettings.Teacher;
import io.accrete.protocol.train.LoraSettings;
import io.accrete.protocol.train.PlannedTraining;
import io.accrete.protocol.train.StartingModel;
import io.accrete.protocol.train.TrainJob;
import io.accrete.protocol.train.TrainPlan;
import io.accrete.protocol.train.TrainSources;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Reads what the plan of a training is made from: the job, and the headers of its model. */
public final class TrainPlanning {
    private static final String NOT_YET = "TRN-013";
    private static final String UNREADABLE = "TRN-111";
    private static final String NO_DATA = "TRN-112";
    private static final String NOT_TRAINED = "TRN-113";
    private static final String OTHER_VOCABULARY = "TRN-116";
    private static final String OTHER_ADAPTER = "TRN-117";
    private static final int NAMES_SHOWN = 3;

    private final ModelLocator locator;
    private final List<DeviceModel> workers;
    private final boolean firm;
    private final List<Problem> problems = new ArrayList<>();

    private TrainPlanning(ModelLocator locator, List<DeviceModel> workers, boolean firm) {
        this.locator = locator;
        this.workers = workers;
        this.firm = firm;
    }

    /**
     * What a training is to be carried out by.
     *
     * @param training there unless a problem is an error
     */
    public record Prepared(Optional<PlannedTraining> training, List<Problem> problems) {
        public Prepared {
            problems = List.copyOf(problems);
        }
    }

    /** A model that was found, by its headers. */
    private record Model(ModelFolder folder, LlamaConfig config, TrainedModel trained) {}

    /** All that was found. */
    private record Found(Model model, Optional<Model> teacher, Optional<PeftAdapter> adapter) {}

    /**
     * For a look at it: weights and data need not be there.
     *
     * @param fileName what the job file is called in messages
     * @param locator where its model is looked for; its other paths count from that directory
     * @param workers that there are
     */
    public static TrainOutcome preview(
            String fileName, String text, ModelLocator locator, List<DeviceModel> workers) {
        ParsedJob parsed = JobReader.read(fileName, text);
        TrainPlanning planning = new TrainPlanning(locator, workers, false);
        return planning.plan(parsed, planning.find(parsed));
    }

    /** As {@link #preview}, to be carried out: what is not there is an error. */
    public static Prepared prepare(
            String fileName, String text, ModelLocator locator, List<DeviceModel> workers) {
        ParsedJob parsed = JobReader.read(fileName, text);
        TrainPlanning planning = new TrainPlanning(locator, workers, true);
        Optional<Found> found = planning.find(parsed);
        parsed.job().ifPresent(job -> planning.checkData(job, parsed));
        TrainOutcome outcome = planning.plan(parsed, found);
        if (!outcome.ok() || found.isEmpty() || outcome.plan().isEmpty()) {
            return new Prepared(Optional.empty(), outcome.problems());
        }
        TrainPlan plan = outcome.plan().get();
        TrainedModel model = found.get().model().trained().as(plan.job());
        try {
            return new Prepared(
                    Optional.of(
                            PlannedTraining.of(
                                    planning.sources(found.get(), plan.job()),
                                    List.copyOf(model.tensors().values()),
                                    plan)),
                    outcome.problems());
        } catch (IOException e) {
            planning.error(
                    NO_DATA, parsed.at("data"), "a file went away: " + e.getMessage(), "try again");
            return new Prepared(Optional.empty(), planning.problems);
        }
    }

    private Optional<Found> find(ParsedJob parsed) {
        Optional<Model> model = parsed.job().flatMap(job -> found(job.start(), parsed.at("model")));
        if (model.isEmpty()) {
            return Optional.empty();
        }
        TrainJob job = parsed.job().orElseThrow();
        Optional<Model> teacher =
                job.distill().isPresent()
                                && job.distill().get().teacher() instanceof Teacher.Folder(var name)
                        ? teacher(name, model.get(), parsed.at("distill.teacher"))
                        : Optional.empty();
        Optional<PeftAdapter> adapter =
                job.lora()
                        .flatMap(LoraSettings::adapter)
                        .flatMap(name -> adapter(name, parsed.at("lora.adapter")));
        return Optional.of(new Found(model.get(), teacher, adapter));
    }

    private Optional<Model> teacher(String name, Model student, Position at) {
        Optional<Model> teacher = folder(name, at);
        teacher.filter(found -> found.config().vocabulary() != student.config().vocabulary())
                .ifPresent(
                        found ->
                                error(
                                        OTHER_VOCABULARY,
                                        at,
                                        "the teacher has %,d tokens and the model %,d, so their"
                                                        .formatted(
                                                                found.config().vocabulary(),
                                                                student.config().vocabulary())
                                                + " scores cannot be compared",
                                        "choose a teacher with the same vocabulary"));
        return teacher;
    }

    private Optional<PeftAdapter> adapter(String name, Position at) {
        Path path = locator.directory().resolve(name).normalize();
        try {
            return Optional.of(PeftAdapter.open(path));
        } catch (IOException e) {
            error(
                    UNREADABLE,
                    at,
                    "adapter '%s' cannot be read: %s".formatted(name, e.getMessage()),
                    "name a folder with %s and %s"
                            .formatted(PeftAdapter.CONFIG, PeftAdapter.WEIGHTS));
            return Optional.empty();
        }
    }

    /** The adapter has to have exactly the matrices that the job trains. */
    private void checkAdapter(PeftAdapter adapter, Model model, TrainPlan plan, Position at) {
        LoraSettings lora = plan.job().lora().orElseThrow();
        SortedMap<String, Shape> expected =
                plan.added()
                        .shapes(plan.sites().size(), (_, target) -> model.config().shape(target));
        expected.keySet().removeIf(name -> !AddedParameters.isLora(name));
        adapter.disagreements(lora.rank(), lora.alpha(), expected).stream()
                .findFirst()
                .ifPresent(
                        why ->
                                error(
                                        OTHER_ADAPTER,
                                        at,
                                        "the adapter is not one of this job: " + why,
                                        "give `lora` the adapter's own rank, alpha and targets"));
    }

    private TrainOutcome plan(ParsedJob parsed, Optional<Found> found) {
        if (parsed.hasErrors() || found.isEmpty()) {
            problems.addAll(0, parsed.problems());
            return new TrainOutcome(Optional.empty(), problems, Optional.empty());
        }
        TrainOutcome outcome =
                TrainPlanner.plan(new TrainRequest(parsed, found.get().model().trained(), workers));
        if (outcome.plan().isPresent() && found.get().adapter().isPresent()) {
            checkAdapter(
                    found.get().adapter().get(),
                    found.get().model(),
                    outcome.plan().get(),
                    parsed.at("lora.adapter"));
        }
        problems.addAll(0, outcome.problems());
        return new TrainOutcome(outcome.plan(), problems, outcome.report());
    }

    private Optional<Model> found(StartingModel start, Position at) {
        return switch (start) {
            case StartingModel.Folder(String name) -> folder(name, at);
            case StartingModel.Merge(String recipe) -> {
                error(
                        NOT_YET,
                        at,
                        "`recipe: %s` does not run yet".formatted(recipe),
                        "run `accrete merge %s OUT`, and name its result: `model: OUT`"
                                .formatted(recipe));
                yield Optional.empty();
            }
        };
    }

    private Optional<Model> folder(String name, Position at) {
        ModelLocator.Search search = locator.locate(name, Optional.empty());
        if (search.folder().isEmpty()) {
            error(
                    UNREADABLE,
                    at,
                    "model '%s' was not found; %s".formatted(name, search.where()),
                    "check the name (relative paths count from %s), or name its parent with --models"
                            .formatted(locator.directory()));
            return Optional.empty();
        }
        ModelFolder folder = ModelFolder.open(search.folder().get().toAbsolutePath().normalize());
        folder.findings().stream().map(Problem::of).map(this::firmly).forEach(problems::add);
        if (folder.hasErrors()) {
            return Optional.empty();
        }
        try {
            LlamaConfig config = LlamaConfig.of(folder);
            SortedMap<String, TensorSpec> tensors = tensors(folder, config);
            sayWhatIsNotTrained(folder, tensors, config, at);
            return lineage(folder.path(), name, config.layers(), at)
                    .map(
                            lineage ->
                                    new Model(
                                            folder,
                                            config,
                                            new TrainedModel(
                                                    folder.config().orElseThrow(),
                                                    folder.architecture().orElseThrow(),
                                                    tensors,
                                                    lineage,
                                                    folder.weightsPresent())));
        } catch (ModelFileException e) {
            error(e.fault().code(), at, e.sentence(), e.fault().fix());
            return Optional.empty();
        }
    }

    /** Absent weights stand in the way only of who wants to train. */
    private Problem firmly(Problem finding) {
        boolean absent = finding.code().equals(FolderFault.WEIGHTS_ABSENT.code());
        return absent && firm ? finding.asError() : finding;
    }

    /** All that is computed with, under the names that parameters have. */
    private static SortedMap<String, TensorSpec> tensors(ModelFolder folder, LlamaConfig config) {
        Stream<String> outer =
                config.tied()
                        ? Stream.of(LlamaConfig.EMBEDDING, LlamaConfig.FINAL_NORM)
                        : Stream.of(
                                LlamaConfig.EMBEDDING, LlamaConfig.FINAL_NORM, LlamaConfig.HEAD);
        Stream<String> layers =
                Stream.iterate(0, layer -> layer < config.layers(), layer -> layer + 1)
                        .flatMap(layer -> config.layerTensors(layer).stream());
        SortedMap<String, TensorSpec> tensors = new TreeMap<>();
        Stream.concat(outer, layers)
                .forEach(
                        name -> {
                            TensorSpec stored = stored(folder, name);
                            tensors.put(name, new TensorSpec(name, stored.dtype(), stored.shape()));
                        });
        return tensors;
    }

    /** The one matrix of a tied model may stand under either name. */
    private static TensorSpec stored(ModelFolder folder, String name) {
        TensorLocation own = folder.tensors().get(name);
        return Optional.ofNullable(own == null ? folder.tensors().get(LlamaConfig.HEAD) : own)
                .orElseThrow()
                .spec();
    }

    private void sayWhatIsNotTrained(
            ModelFolder folder,
            SortedMap<String, TensorSpec> tensors,
            LlamaConfig config,
            Position at) {
        List<String> others =
                folder.tensors().keySet().stream()
                        .filter(name -> !tensors.containsKey(name))
                        .filter(name -> !(config.tied() && name.equals(LlamaConfig.HEAD)))
                        .toList();
        if (!others.isEmpty()) {
            problems.add(
                    problem(
                            Severity.WARNING,
                            NOT_TRAINED,
                            at,
                            "%d tensors of the model are not computed with, and the result will not"
                                            .formatted(others.size())
                                    + " have them: "
                                    + String.join(
                                            ", ",
                                            others.subList(
                                                    0, Math.min(NAMES_SHOWN, others.size()))),
                            "nothing is to be done if these are tables that follow from the"
                                    + " configuration, such as rotary_emb.inv_freq"));
        }
    }

    private void checkData(TrainJob job, ParsedJob parsed) {
        for (String key : List.of("train", "validation")) {
            List<String> names = key.equals("train") ? job.data().train() : job.data().validation();
            for (Path file : paths(names)) {
                if (!Files.isRegularFile(file)) {
                    error(
                            NO_DATA,
                            parsed.at("data." + key),
                            "%s: there is no such file".formatted(file),
                            "check the name; relative paths count from " + locator.directory());
                }
            }
        }
    }

    private TrainSources sources(Found found, TrainJob job) throws IOException {
        return new TrainSources(
                source(found.model()),
                found.teacher().map(TrainPlanning::source),
                found.adapter()
                        .map(
                                adapter ->
                                        new TrainSources.Folder(
                                                adapter.folder().toString(),
                                                List.of(adapter.identity()))),
                files(job.data().train()),
                files(job.data().validation()));
    }

    private static TrainSources.Folder source(Model model) {
        return new TrainSources.Folder(
                model.folder().path().toString(),
                model.folder().files().stream()
                        .map(file -> file.identity().orElseThrow())
                        .toList());
    }

    private List<DataFile> files(List<String> names) throws IOException {
        List<DataFile> files = new ArrayList<>();
        for (Path path : paths(names)) {
            files.add(DataFile.of(path));
        }
        return files;
    }

    private List<Path> paths(List<String> names) {
        return names.stream().map(name -> locator.directory().resolve(name).normalize()).toList();
    }

    private Optional<Lineage> lineage(Path folder, String name, int layers, Position at) {
        try {
            return Optional.of(
                    LineageFile.read(folder, layers).orElseGet(() -> Lineage.plain(name, layers)));
        } catch (IOException e) {
            error(UNREADABLE, at, String.valueOf(e.getMessage()), "remove the file, or mend it");
            return Optional.empty();
        }
    }

    private void error(String code, Position at, String message, String fix) {
        problems.add(problem(Severity.ERROR, code, at, message, fix));
    }

    private static Problem problem(
            Severity severity, String code, Position at, String message, String fix) {
        return new Problem(
                severity, code, at.file(), at.line(), at.column(), message, fix, at.snippet());
    }
}
