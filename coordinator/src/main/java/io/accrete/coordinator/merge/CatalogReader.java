package io.accrete.coordinator.merge;

import io.accrete.coordinator.drive.JobFolders;
import io.accrete.coordinator.drive.OutputVolume;
import io.accrete.coordinator.plan.Catalog;
import io.accrete.coordinator.plan.CatalogModel;
import io.accrete.coordinator.recipe.MergeRecipe;
import io.accrete.coordinator.recipe.ModelName;
import io.accrete.coordinator.yaml.Located;
import io.accrete.coordinator.yaml.Position;
import io.accrete.protocol.job.MergeOptions;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.job.Problem.Severity;
import io.accrete.protocol.model.Architecture;
import io.accrete.protocol.model.ArchitectureTable;
import io.accrete.protocol.model.Finding;
import io.accrete.protocol.model.FolderFault;
import io.accrete.protocol.model.ModelFolder;
import io.accrete.protocol.store.ModelLocator;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Finds the models that a recipe names and reads their headers. */
final class CatalogReader {

    private final ModelLocator locator;
    private final JobFolders allowed;
    private final Path output;
    private final boolean firm;
    private final Map<Path, ModelFolder> folders = new HashMap<>();
    private final Map<ModelName, CatalogModel> models = new LinkedHashMap<>();
    private final Set<Problem> problems = new LinkedHashSet<>();

    /**
     * @param firm absent weights are errors
     */
    CatalogReader(MergeOptions options, Path output, boolean firm) {
        this.locator =
                ModelLocator.of(
                        Path.of(options.directory()),
                        options.models().stream().map(Path::of).toList(),
                        System.getenv());
        this.allowed = JobFolders.of(options);
        this.output = output;
        this.firm = firm;
    }

    Catalog read(MergeRecipe recipe) {
        boolean vocabularies = recipe.tokenizer().isPresent();
        for (Located<ModelName> reference : Catalog.references(recipe)) {
            if (!models.containsKey(reference.value())) {
                find(reference).ifPresent(folder -> add(reference, folder, vocabularies));
            }
        }
        return new Catalog(models, new ArrayList<>(problems));
    }

    private Optional<ModelFolder> find(Located<ModelName> reference) {
        ModelName name = reference.value();
        ModelLocator.Search search = locator.locate(name.path(), name.revision());
        if (!allowed.isAnywhere() && search.folder().filter(allowed::have).isEmpty()) {
            // whether something is there is nobody's business
            problems.add(
                    problem(
                            Severity.ERROR,
                            "PLN-006",
                            reference.at(),
                            "model '%s' was not found in the folders that jobs may use"
                                    .formatted(name),
                            "check the name; relative paths count from the first of them"));
            return Optional.empty();
        }
        if (search.folder().isEmpty()) {
            problems.add(
                    problem(
                            Severity.ERROR,
                            "PLN-006",
                            reference.at(),
                            "model '%s' was not found; %s".formatted(name, search.where()),
                            "check the name (relative paths count from %s), name its parent with"
                                            .formatted(locator.directory())
                                    + " --models, or download it first"));
        }
        return search.folder().flatMap(path -> open(reference, path));
    }

    /** Nothing of a folder is told where a link in it leads out of the roots. */
    private Optional<ModelFolder> open(Located<ModelName> reference, Path path) {
        String name = reference.value().toString();
        Optional<String> leadingOut = allowed.leadingOut(path, name);
        if (leadingOut.isEmpty()) {
            ModelFolder folder = folders.computeIfAbsent(path, ModelFolder::open);
            leadingOut = allowed.leadingOut(folder, name);
            if (leadingOut.isEmpty()) {
                return Optional.of(folder);
            }
        }
        problems.add(
                problem(
                        Severity.ERROR,
                        "PLN-006",
                        reference.at(),
                        leadingOut.get(),
                        JobFolders.FIX));
        return Optional.empty();
    }

    private void add(Located<ModelName> reference, ModelFolder folder, boolean vocabulary) {
        folder.findings().forEach(finding -> problems.add(problem(finding)));
        checkOutput(reference, folder.path());
        Optional<Architecture> architecture = architecture(reference, folder);
        if (folder.config().isEmpty() || architecture.isEmpty()) {
            return;
        }
        checkLayers(reference, folder, architecture.get());
        models.put(
                reference.value(),
                new CatalogModel(
                        reference.value(),
                        reference.at(),
                        folder,
                        folder.config().get(),
                        architecture.get(),
                        VocabularyReader.read(folder.path(), vocabulary),
                        OutputVolume.isSame(output, folder.path())));
    }

    private Optional<Architecture> architecture(Located<ModelName> reference, ModelFolder folder) {
        Optional<String> override = reference.value().overrideArchitecture();
        if (override.isEmpty()) {
            return folder.architecture();
        }
        Optional<Architecture> known = ArchitectureTable.find(override.get());
        if (known.isEmpty()) {
            problems.add(
                    problem(
                            Severity.ERROR,
                            "PLN-007",
                            reference.at(),
                            "override_architecture names '%s', which is not known"
                                    .formatted(override.get()),
                            "leave it out: the layers of unknown architectures are told from their"
                                    + " tensors"));
        }
        return known;
    }

    /** A recipe can name an architecture whose layers these tensors are not. */
    private void checkLayers(
            Located<ModelName> reference, ModelFolder folder, Architecture architecture) {
        boolean layered = folder.tensors().keySet().stream().anyMatch(architecture::isInLayer);
        if (!layered && !folder.hasErrors()) {
            problems.add(
                    problem(
                            Severity.ERROR,
                            "PLN-009",
                            reference.at(),
                            "model '%s' has no tensor whose name begins with `%s0.`, as layers of"
                                            .formatted(
                                                    reference.value(), architecture.layerPrefix())
                                    + " %s do".formatted(architecture.name()),
                            "leave `override_architecture` out, or name the one that fits"));
        }
    }

    /** A merge must not write over what it reads. */
    private void checkOutput(Located<ModelName> reference, Path source) {
        Path target = JobFolders.real(output);
        Path folder = JobFolders.real(source);
        if (target.startsWith(folder) || folder.startsWith(target)) {
            problems.add(
                    problem(
                            Severity.ERROR,
                            "PLN-008",
                            reference.at(),
                            ("the output %s and model '%s' (%s) are the same folder, or one"
                                            + " is in the other")
                                    .formatted(output, reference.value(), source),
                            "choose an output outside of the models"));
        }
    }

    private Problem problem(Finding finding) {
        Problem problem = Problem.of(finding);
        boolean absent = finding.code().equals(FolderFault.WEIGHTS_ABSENT.code());
        return absent && firm ? problem.asError() : problem;
    }

    private static Problem problem(
            Severity severity, String code, Position at, String message, String fix) {
        return new Problem(
                severity, code, at.file(), at.line(), at.column(), message, fix, at.snippet());
    }
}
