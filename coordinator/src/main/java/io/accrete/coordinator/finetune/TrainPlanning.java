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
import io.accrete.protocol.model.Architecture;
import io.accrete.protocol.model.Finding;
import io.accrete.protocol.model.ModelConfig;
import io.accrete.protocol.model.ModelFolder;
import io.accrete.protocol.store.ModelLocator;
import io.accrete.protocol.tensor.TensorSpec;
import io.accrete.protocol.train.StartingModel;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Reads what the plan of a training is made from: the job, and the headers of its model. */
public final class TrainPlanning {
    private static final String NOT_YET = "TRN-013";
    private static final String UNREADABLE = "TRN-111";

    private final ModelLocator locator;
    private final List<DeviceModel> workers;
    private final List<Problem> problems = new ArrayList<>();

    private TrainPlanning(ModelLocator locator, List<DeviceModel> workers) {
        this.locator = locator;
        this.workers = workers;
    }

    /**
     * @param fileName what the job file is called in messages
     * @param locator where its model is looked for
     * @param workers that there are
     */
    public static TrainOutcome preview(
            String fileName, String text, ModelLocator locator, List<DeviceModel> workers) {
        return new TrainPlanning(locator, workers).plan(JobReader.read(fileName, text));
    }

    private TrainOutcome plan(ParsedJob parsed) {
        Optional<TrainedModel> model =
                parsed.job().flatMap(job -> model(job.start(), parsed.at("model")));
        if (parsed.hasErrors() || model.isEmpty()) {
            problems.addAll(0, parsed.problems());
            return new TrainOutcome(Optional.empty(), problems, Optional.empty());
        }
        TrainOutcome outcome = TrainPlanner.plan(new TrainRequest(parsed, model.get(), workers));
        problems.addAll(0, outcome.problems());
        return new TrainOutcome(outcome.plan(), problems, outcome.report());
    }

    private Optional<TrainedModel> model(StartingModel start, Position at) {
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

    private Optional<TrainedModel> folder(String name, Position at) {
        ModelLocator.Search search = locator.locate(name, Optional.empty());
        if (search.folder().isEmpty()) {
            error(
                    UNREADABLE,
                    at,
                    "model '%s' was not found; looked at %s"
                            .formatted(
                                    name,
                                    String.join(
                                            ", ",
                                            search.lookedAt().stream()
                                                    .map(Path::toString)
                                                    .toList())),
                    "check the name (relative paths count from %s), or name its parent with --models"
                            .formatted(locator.directory()));
            return Optional.empty();
        }
        ModelFolder folder = ModelFolder.open(search.folder().get());
        folder.findings().forEach(finding -> problems.add(problem(finding)));
        Optional<ModelConfig> config = folder.config();
        Optional<Architecture> architecture = folder.architecture();
        if (folder.hasErrors() || config.isEmpty() || architecture.isEmpty()) {
            if (!folder.hasErrors()) {
                error(
                        UNREADABLE,
                        at,
                        "model '%s' has no readable config.json".formatted(name),
                        "complete it");
            }
            return Optional.empty();
        }
        SortedMap<String, TensorSpec> tensors = new TreeMap<>();
        folder.tensors().forEach((tensor, location) -> tensors.put(tensor, location.spec()));
        int layers = Math.toIntExact(config.get().layers().orElse(0));
        return lineage(folder.path(), name, layers, at)
                .map(
                        lineage ->
                                new TrainedModel(
                                        config.get(),
                                        architecture.get(),
                                        tensors,
                                        lineage,
                                        folder.weightsPresent()));
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

    private static Problem problem(Finding finding) {
        return new Problem(
                finding.isError() ? Severity.ERROR : Severity.WARNING,
                finding.code(),
                finding.file().toString(),
                null,
                null,
                finding.message(),
                finding.fix(),
                null);
    }

    private void error(String code, Position at, String message, String fix) {
        problems.add(
                new Problem(
                        Severity.ERROR,
                        code,
                        at.file(),
                        at.line(),
                        at.column(),
                        message,
                        fix,
                        at.snippet()));
    }
}
