package io.accrete.coordinator.finetune;

import io.accrete.coordinator.drive.JobFolders;
import io.accrete.coordinator.train.Baseline;
import io.accrete.coordinator.train.DeviceModel;
import io.accrete.coordinator.train.JobReader;
import io.accrete.coordinator.train.ParsedJob;
import io.accrete.coordinator.train.TrainOutcome;
import io.accrete.coordinator.train.TrainPlanner;
import io.accrete.coordinator.train.TrainReport;
import io.accrete.coordinator.train.TrainRequest;
import io.accrete.coordinator.yaml.Position;
import io.accrete.protocol.job.JobSpec;
import io.accrete.protocol.job.MergeOptions;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.model.ModelFolder;
import io.accrete.protocol.model.ModelSettings;
import io.accrete.protocol.model.PeftAdapter;
import io.accrete.protocol.model.Vocabulary;
import io.accrete.protocol.store.DataFile;
import io.accrete.protocol.store.FileIdentity;
import io.accrete.protocol.store.ModelLocator;
import io.accrete.protocol.tensor.Shape;
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
import java.util.OptionalInt;
import java.util.SortedMap;

/** Reads what the plan of a training is made from: the job, and the headers of its model. */
public final class TrainPlanning {
    private static final String NO_DATA = "TRN-112";
    private static final String OTHER_VOCABULARY = "TRN-116";
    private static final String SAME_VOCABULARY = "choose a teacher with the same vocabulary";
    private static final String OTHER_ADAPTER = "TRN-117";
    private static final String OUTPUT_IS_MODEL = "TRN-118";
    private static final String SHORT_WINDOW = "TRN-122";

    private final ModelLocator locator;
    private final List<DeviceModel> workers;
    private final ModelFinder finder;
    private final RecipeStart recipe;
    private final List<Problem> problems = new ArrayList<>();

    private TrainPlanning(
            ModelLocator locator, List<DeviceModel> workers, boolean firm, JobFolders allowed) {
        this.locator = locator;
        this.workers = workers;
        this.finder = new ModelFinder(locator, firm, allowed, problems);
        this.recipe = new RecipeStart(finder, problems);
    }

    /**
     * What a training is to be carried out by.
     *
     * @param training there unless a problem is an error
     * @param report for people and programs, where the model is known
     */
    public record Prepared(
            Optional<PlannedTraining> training,
            List<Problem> problems,
            Optional<TrainReport> report) {
        public Prepared {
            problems = List.copyOf(problems);
        }
    }

    /** All that was found. */
    private record Found(
            ModelFinder.Model model,
            Optional<ModelFinder.Model> teacher,
            Optional<PeftAdapter> adapter) {}

    /**
     * For a look at it: weights and data need not be there.
     *
     * @param fileName what the job file is called in messages
     * @param locator where its model is looked for; its other paths count from that directory
     * @param workers that there are
     */
    public static TrainOutcome preview(
            String fileName, String text, ModelLocator locator, List<DeviceModel> workers) {
        TrainPlanning planning =
                new TrainPlanning(locator, workers, false, new JobFolders(List.of()));
        ParsedJob parsed = planning.recipe.started(JobReader.read(fileName, text));
        Optional<Found> found = planning.find(parsed);
        return planning.plan(parsed(parsed, found), found);
    }

    /** To be carried out: what is not there is an error. */
    public static Prepared prepare(JobSpec spec) {
        MergeOptions options = spec.options();
        ModelLocator locator =
                ModelLocator.of(
                        Path.of(options.directory()),
                        options.models().stream().map(Path::of).toList(),
                        System.getenv());
        TrainPlanning planning =
                new TrainPlanning(
                        locator,
                        StageDevices.of(spec.stages(), spec.recipeFile(), spec.recipe()),
                        true,
                        JobFolders.of(options));
        ParsedJob read = planning.recipe.started(JobReader.read(spec.recipeFile(), spec.recipe()));
        Optional<Found> found = planning.find(read);
        ParsedJob parsed = parsed(read, found);
        found.ifPresent(
                model ->
                        planning.checkOutput(
                                model.model().folder(), spec.output(), parsed.at("model")));
        parsed.job().ifPresent(job -> planning.checkData(job, parsed));
        TrainOutcome outcome = planning.plan(parsed, found);
        if (!outcome.ok() || found.isEmpty() || outcome.phases().isEmpty()) {
            return new Prepared(Optional.empty(), outcome.problems(), outcome.report());
        }
        TrainJob job = parsed.job().orElseThrow();
        try {
            return new Prepared(
                    Optional.of(
                            PlannedTraining.of(
                                    planning.sources(found.get(), job), job, outcome.phases())),
                    outcome.problems(),
                    outcome.report());
        } catch (IOException e) {
            planning.error(
                    NO_DATA, parsed.at("data"), "a file went away: " + e.getMessage(), "try again");
            return new Prepared(Optional.empty(), planning.problems, outcome.report());
        }
    }

    /** The job that is carried out. */
    private static ParsedJob parsed(ParsedJob read, Optional<Found> found) {
        return read.hasErrors() || found.isEmpty() ? read : read.of(found.get().model().trained());
    }

    private Optional<Found> find(ParsedJob parsed) {
        if (parsed.job().isEmpty()
                || !(parsed.job().get().start() instanceof StartingModel.Folder(String named))) {
            return Optional.empty();
        }
        Optional<ModelFinder.Model> model = finder.folder(named, parsed.at("model"));
        if (model.isEmpty()) {
            return Optional.empty();
        }
        recipe.check(model.get());
        if (parsed.baseline() instanceof Baseline.Only) {
            return Optional.of(new Found(model.get(), Optional.empty(), Optional.empty()));
        }
        TrainJob job = parsed.job().orElseThrow();
        Optional<ModelFinder.Model> teacher =
                job.distill().isPresent()
                                && job.distill().get().teacher() instanceof Teacher.Folder(var name)
                        ? teacher(name, model.get(), parsed.at("distill.teacher"))
                        : Optional.empty();
        Optional<PeftAdapter> adapter =
                job.lora()
                        .flatMap(LoraSettings::adapter)
                        .flatMap(name -> finder.adapter(name, parsed.at("lora.adapter")));
        return Optional.of(new Found(model.get(), teacher, adapter));
    }

    private Optional<ModelFinder.Model> teacher(
            String name, ModelFinder.Model student, Position at) {
        Optional<ModelFinder.Model> teacher = finder.folder(name, at);
        teacher.ifPresent(found -> checkVocabulary(found, student, at));
        return teacher;
    }

    /** Scores are compared id by id. */
    private void checkVocabulary(
            ModelFinder.Model teacher, ModelFinder.Model student, Position at) {
        if (teacher.config().vocabulary() != student.config().vocabulary()) {
            error(
                    OTHER_VOCABULARY,
                    at,
                    "the teacher has %,d tokens and the model %,d, so their scores cannot be compared"
                            .formatted(
                                    teacher.config().vocabulary(), student.config().vocabulary()),
                    SAME_VOCABULARY);
            return;
        }
        Optional<Vocabulary> own = Vocabulary.read(student.folder().path());
        Optional<Vocabulary> taught = Vocabulary.read(teacher.folder().path());
        if (own.isEmpty() || taught.isEmpty()) {
            finder.warn(
                    OTHER_VOCABULARY,
                    at,
                    "both models have %,d tokens; whether these are the same is not known, since %s has no %s that can be read"
                            .formatted(
                                    student.config().vocabulary(),
                                    own.isEmpty() ? "the model" : "the teacher",
                                    Vocabulary.FILE),
                    "copy the file into the folder, or be sure that both were made for one"
                            + " tokenizer");
            return;
        }
        SortedMap<Integer, Vocabulary.Pair> unlike = own.get().unlike(taught.get());
        if (!unlike.isEmpty()) {
            int id = unlike.firstKey();
            Vocabulary.Pair first = unlike.sequencedValues().getFirst();
            error(
                    OTHER_VOCABULARY,
                    at,
                    "%,d of %,d ids stand for another token in the teacher, such as %d: '%s' there and '%s' in the model; so their scores cannot be compared"
                            .formatted(
                                    unlike.size(),
                                    student.config().vocabulary(),
                                    id,
                                    first.there(),
                                    first.here()),
                    SAME_VOCABULARY);
        }
    }

    /** The adapter has to have exactly the matrices that the job trains. */
    private void checkAdapter(
            PeftAdapter adapter, ModelFinder.Model model, TrainPlan plan, Position at) {
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
            return new TrainOutcome(List.of(), problems, Optional.empty());
        }
        checkWindow(found.get().model(), parsed);
        TrainOutcome outcome =
                TrainPlanner.plan(
                        new TrainRequest(
                                parsed,
                                found.get().model().trained(),
                                found.get().teacher().map(ModelFinder.Model::trained),
                                workers));
        if (!outcome.phases().isEmpty() && found.get().adapter().isPresent()) {
            checkAdapter(
                    found.get().adapter().get(),
                    found.get().model(),
                    outcome.phases().getFirst().plan(),
                    parsed.at("lora.adapter"));
        }
        problems.addAll(0, outcome.problems());
        return new TrainOutcome(outcome.phases(), problems, outcome.report());
    }

    /** Attention looks back over all of a row: within the window that is the same. */
    private void checkWindow(ModelFinder.Model model, ParsedJob parsed) {
        OptionalInt window = model.config().window();
        int length = parsed.job().map(job -> job.data().sequenceLength()).orElse(0);
        if (window.isPresent() && length - 1 > window.getAsInt()) {
            error(
                    SHORT_WINDOW,
                    parsed.at("data.sequence_length"),
                    "rows have %d positions, and attention of this model looks back over a window of"
                                    .formatted(length - 1)
                            + " %d, which does not run yet".formatted(window.getAsInt()),
                    "write `sequence_length: %d` or less".formatted(window.getAsInt() + 1));
        }
    }

    private void checkData(TrainJob job, ParsedJob parsed) {
        for (String key : List.of("train", "validation")) {
            List<String> names = key.equals("train") ? job.data().train() : job.data().validation();
            for (String name : names) {
                Optional<Path> file = finder.path(name);
                if (file.filter(finder::isAllowed).isEmpty()) {
                    error(
                            NO_DATA,
                            parsed.at("data." + key),
                            "'%s' was not found in the folders that jobs may use"
                                    .formatted(file.map(Path::toString).orElse(name)),
                            "check the name; relative paths count from the first of them");
                } else if (!Files.isRegularFile(file.get())) {
                    error(
                            NO_DATA,
                            parsed.at("data." + key),
                            "%s: there is no such file".formatted(file.get()),
                            "check the name; relative paths count from " + locator.directory());
                }
            }
        }
    }

    /** A training must not write over what it reads. */
    private void checkOutput(ModelFolder folder, String output, Position at) {
        Path target = JobFolders.real(Path.of(output));
        Path source = JobFolders.real(folder.path());
        if (target.startsWith(source) || source.startsWith(target)) {
            error(
                    OUTPUT_IS_MODEL,
                    at,
                    "the output %s and the model %s are the same folder, or one is in the other"
                            .formatted(output, folder.path()),
                    "choose an output outside of the model");
        }
    }

    private TrainSources sources(Found found, TrainJob job) throws IOException {
        Optional<TrainSources.Folder> teacher = Optional.empty();
        if (found.teacher().isPresent()) {
            teacher = Optional.of(source(found.teacher().get()));
        }
        Optional<TrainSources.Folder> adapter = Optional.empty();
        if (found.adapter().isPresent()) {
            PeftAdapter own = found.adapter().get();
            adapter = Optional.of(folder(own.folder(), List.of(own.identity())));
        }
        return new TrainSources(
                source(found.model()),
                teacher,
                adapter,
                files(job.data().train()),
                files(job.data().validation()));
    }

    private static TrainSources.Folder source(ModelFinder.Model model) throws IOException {
        return folder(
                model.folder().path(),
                model.folder().files().stream()
                        .map(file -> file.identity().orElseThrow())
                        .toList());
    }

    private static TrainSources.Folder folder(Path path, List<FileIdentity> weights)
            throws IOException {
        return new TrainSources.Folder(path.toString(), weights, ModelSettings.digest(path));
    }

    private List<DataFile> files(List<String> names) throws IOException {
        List<DataFile> files = new ArrayList<>();
        for (String name : names) {
            files.add(DataFile.of(finder.path(name).orElseThrow()));
        }
        return files;
    }

    private void error(String code, Position at, String message, String fix) {
        finder.error(code, at, message, fix);
    }
}
