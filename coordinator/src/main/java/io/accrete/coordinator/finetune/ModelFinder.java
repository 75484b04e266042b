package io.accrete.coordinator.finetune;

import io.accrete.coordinator.drive.JobFolders;
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
import io.accrete.protocol.store.ModelLocator;
import io.accrete.protocol.tensor.TensorSpec;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Finds the models that a training names and reads their headers. */
final class ModelFinder {
    private static final String UNREADABLE = "TRN-111";
    private static final String NOT_TRAINED = "TRN-113";
    private static final int NAMES_SHOWN = 3;

    private final ModelLocator locator;
    private final boolean firm;
    private final JobFolders allowed;
    private final List<Problem> problems;

    /** A model that was found, by its headers. */
    record Model(ModelFolder folder, LlamaConfig config, TrainedModel trained) {}

    /**
     * @param firm absent weights are errors
     * @param allowed under which all must lie
     * @param problems where to put what is wrong
     */
    ModelFinder(ModelLocator locator, boolean firm, JobFolders allowed, List<Problem> problems) {
        this.locator = locator;
        this.firm = firm;
        this.allowed = allowed;
        this.problems = problems;
    }

    Optional<PeftAdapter> adapter(String name, Position at) {
        Optional<Path> path = path(name).filter(allowed::have);
        if (path.isEmpty()) {
            error(
                    UNREADABLE,
                    at,
                    "adapter '%s' was not found in the folders that jobs may use".formatted(name),
                    "check the name; relative paths count from the first of them");
            return Optional.empty();
        }
        if (isRefused(path.get(), name, at)) {
            return Optional.empty();
        }
        try {
            return Optional.of(PeftAdapter.open(path.get()));
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

    /** A model by its name. */
    Optional<Model> folder(String name, Position at) {
        ModelLocator.Search search = locator.locate(name, Optional.empty());
        if (search.folder().filter(allowed::have).isEmpty() && !allowed.isAnywhere()) {
            // whether something is there is nobody's business
            error(
                    UNREADABLE,
                    at,
                    "model '%s' was not found in the folders that jobs may use".formatted(name),
                    "check the name; relative paths count from the first of them");
            return Optional.empty();
        }
        if (search.folder().isEmpty()) {
            error(
                    UNREADABLE,
                    at,
                    "model '%s' was not found; %s".formatted(name, search.where()),
                    "check the name (relative paths count from %s), or name its parent with --models"
                            .formatted(locator.directory()));
            return Optional.empty();
        }
        Path path = search.folder().get().toAbsolutePath().normalize();
        return isRefused(path, name, at)
                ? Optional.empty()
                : model(ModelFolder.open(path), name, at);
    }

    private Optional<Model> model(ModelFolder folder, String name, Position at) {
        if (isRefused(allowed.leadingOut(folder, name), at)) {
            return Optional.empty();
        }
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

    /** What a job names; empty where no file can be called so. */
    Optional<Path> path(String name) {
        try {
            return Optional.of(locator.directory().resolve(name).normalize());
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    /** Whether jobs may read it. */
    boolean isAllowed(Path path) {
        return allowed.have(path);
    }

    /** Whether a link on the way to it, which is said then, leads out of what jobs may read. */
    boolean isRefused(Path path, String name, Position at) {
        return isRefused(allowed.leadingOut(path, name), at);
    }

    private boolean isRefused(Optional<String> leadingOut, Position at) {
        leadingOut.ifPresent(sentence -> error(UNREADABLE, at, sentence, JobFolders.FIX));
        return leadingOut.isPresent();
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

    void error(String code, Position at, String message, String fix) {
        problems.add(problem(Severity.ERROR, code, at, message, fix));
    }

    void warn(String code, Position at, String message, String fix) {
        problems.add(problem(Severity.WARNING, code, at, message, fix));
    }

    private static Problem problem(
            Severity severity, String code, Position at, String message, String fix) {
        return new Problem(
                severity, code, at.file(), at.line(), at.column(), message, fix, at.snippet());
    }
}
