package io.accrete.coordinator.finetune;

import com.fasterxml.jackson.databind.JsonNode;

import io.accrete.coordinator.drive.OutputFolder;
import io.accrete.coordinator.drive.PublishedBy;
import io.accrete.coordinator.drive.Staging;
import io.accrete.protocol.job.JobSpec;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.train.ExportOrder;
import io.accrete.protocol.train.PlannedTraining;
import io.accrete.protocol.train.SavedTraining;
import io.accrete.protocol.train.TrainingFile;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Finds the checkpoint that is to be exported, and proves the output.
 *
 * @param chosen the checkpoint, if there is one
 * @param published the output already holds its weights
 * @param problems all of them
 */
public record ExportProof(Optional<Chosen> chosen, boolean published, List<Problem> problems) {
    private static final String NO_CHECKPOINT = "TRN-119";
    private static final String NO_TRAINING = "TRN-120";
    private static final String SAME_OUTPUT = "TRN-121";

    /**
     * A checkpoint of a training.
     *
     * @param training up to its step
     * @param metrics figures of the steps, and of later ones
     */
    public record Chosen(PlannedTraining training, SavedTraining.State saved, Path metrics) {}

    public ExportProof {
        problems = List.copyOf(problems);
    }

    public boolean refused() {
        return chosen.isEmpty() || problems.stream().anyMatch(Problem::isError);
    }

    /** Reads what the training has saved so far, and what stands at the output. */
    public static ExportProof of(JobSpec spec, Staging staging) throws IOException {
        ExportOrder order = ExportOrder.of(spec.recipe());
        Staging from = Staging.of(Path.of(order.training()));
        if (staging.output().equals(from.output())) {
            return refusal(
                    SAME_OUTPUT,
                    staging.output(),
                    "the training publishes its own result here",
                    "choose another output");
        }
        Optional<SavedTraining> saved = SavedTraining.read(from.saved());
        if (saved.isEmpty()) {
            return withoutTraining(from);
        }
        Optional<SavedTraining.State> state =
                order.step().isPresent()
                        ? saved.get().at(order.step().getAsInt())
                        : saved.get().latest();
        return state.isEmpty()
                ? withoutCheckpoint(from, order, saved.get())
                : found(spec, staging, from, saved.get(), state.get());
    }

    private static ExportProof found(
            JobSpec spec,
            Staging staging,
            Staging from,
            SavedTraining saved,
            SavedTraining.State state)
            throws IOException {
        PlannedTraining training =
                TrainingFile.read(Path.of(saved.plan()), saved.planSha256())
                        .until(state.state().phase().number(), state.step());
        OutputFolder output = OutputFolder.look(staging);
        List<Problem> problems = new ArrayList<>();
        boolean published = output.isResultOf(training.digest());
        if (!published) {
            problems.addAll(output.problems(staging, spec.options().overwrite(), "another result"));
        }
        return new ExportProof(
                Optional.of(new Chosen(training, state, from.metrics())), published, problems);
    }

    private static ExportProof withoutCheckpoint(
            Staging from, ExportOrder order, SavedTraining saved) {
        if (saved.states().isEmpty()) {
            return refusal(
                    NO_CHECKPOINT,
                    from.output(),
                    "the training has no checkpoint yet",
                    "wait for the first one; `checkpoint: {every: N}` in its job file says when"
                            + " that is");
        }
        return refusal(
                NO_CHECKPOINT,
                from.output(),
                "the training has no checkpoint of step %d; it has those of %s"
                        .formatted(
                                order.step().orElseThrow(),
                                saved.steps().stream()
                                        .map(String::valueOf)
                                        .collect(Collectors.joining(", ", "steps ", ""))),
                "choose one of these; `checkpoint: {keep: N}` in its job file says how many of the"
                        + " latest stay");
    }

    private static ExportProof withoutTraining(Staging from) throws IOException {
        Optional<JsonNode> result = PublishedBy.read(from.output());
        if (result.isPresent()) {
            return refusal(
                    NO_TRAINING,
                    from.output(),
                    "the training has ended, and its checkpoints went with it: this folder is what"
                            + " came of it",
                    "copy the folder");
        }
        return refusal(
                NO_TRAINING,
                from.output(),
                Files.isDirectory(from.root())
                        ? "no training works into this folder, or none that has begun"
                        : "no training works into this folder",
                "name the OUT of a training that is running or stopped, or a job of a server");
    }

    private static ExportProof refusal(String code, Path file, String message, String fix) {
        return new ExportProof(
                Optional.empty(),
                false,
                List.of(Problem.error(code, file.toString(), message, fix)));
    }
}
