package io.accrete.coordinator.finetune;

import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;

import io.accrete.coordinator.drive.Desk;
import io.accrete.coordinator.drive.DriverInput;
import io.accrete.coordinator.drive.DurableFiles;
import io.accrete.coordinator.drive.Staging;
import io.accrete.coordinator.job.DriverMessage;
import io.accrete.coordinator.job.JobCommand;
import io.accrete.coordinator.job.JobState;
import io.accrete.coordinator.job.TrainingState;
import io.accrete.protocol.job.JobSummary;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.job.ReasonCode;
import io.accrete.protocol.train.Checkpoint;
import io.accrete.protocol.train.PlannedTraining;
import io.accrete.protocol.train.SavedTraining;
import io.accrete.protocol.train.TrainState;
import io.accrete.protocol.train.TrainingFile;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * An export is a training that is over when it begins: it takes another one's plan and checkpoint
 * to itself, so that it does not matter what becomes of them, and goes on with what follows the
 * last step.
 */
final class ExportPhase {

    /** What the search for the checkpoint came to. */
    private sealed interface Result {
        record Refused(List<Problem> problems) implements Result {}

        record Adopted(JobSummary summary) implements Result {}

        record Ready(PlannedTraining planned, JobCommand.AcceptTraining command)
                implements Result {}
    }

    private final Desk desk;
    private final TrainSetting setting;

    private ExportPhase(Desk desk, TrainSetting setting) {
        this.desk = desk;
        this.setting = setting;
    }

    static Behavior<DriverInput> begin(Desk desk, TrainSetting setting) {
        ExportPhase phase = new ExportPhase(desk, setting);
        desk.later(phase::take, phase::taken, phase::failed);
        return Behaviors.receiveMessage(desk::otherwise);
    }

    /** A job that was interrupted goes on from the checkpoint that it has taken. */
    static Behavior<DriverInput> goOn(Desk desk, TrainSetting setting) {
        ExportPhase phase = new ExportPhase(desk, setting);
        TrainingState training = desk.job().training().orElseThrow();
        desk.later(
                () -> phase.own(training),
                planned -> phase.stockTaken(planned, training),
                failure ->
                        desk.fail(
                                new JobCommand.Fail(
                                        ReasonCode.VERIFICATION_FAILED,
                                        "the checkpoint that was taken cannot be read any more: "
                                                + Desk.sentence(failure),
                                        List.of())));
        return Behaviors.receiveMessage(desk::otherwise);
    }

    private Result take() throws IOException {
        Staging staging = desk.staging();
        ExportProof proof = ExportProof.of(desk.job().spec(), staging);
        if (proof.published()) {
            return new Result.Adopted(PublishedTraining.summary(staging));
        }
        if (proof.refused()) {
            return new Result.Refused(proof.problems());
        }
        ExportProof.Chosen chosen = proof.chosen().orElseThrow();
        DurableFiles.createFolder(staging.root());
        // Whatever stands here belongs to a checkpoint that was never journaled.
        DurableFiles.deleteTree(staging.checkpoints());
        DurableFiles.deleteTree(staging.model());
        DurableFiles.createFolder(staging.checkpoints());
        Checkpoint mine =
                CheckpointFolders.link(
                        chosen.saved().checkpoint(),
                        staging.checkpoints()
                                .resolve("step-%09d".formatted(chosen.saved().step())));
        TrainState saved = chosen.saved().state();
        // A training may wait for a person; its export does not.
        TrainState state = saved.guarded(saved.guard().resumed()).atTheEnd();
        DurableFiles.copyStart(chosen.metrics(), staging.metrics(), state.metricsBytes());
        TrainingFile file = TrainingFile.of(chosen.training());
        DurableFiles.write(staging.plan(), file.json());
        DurableFiles.write(
                staging.saved(),
                new SavedTraining(
                                staging.plan().toString(),
                                file.sha256(),
                                List.of(
                                        new SavedTraining.State(
                                                mine, state, chosen.saved().numericClass())))
                        .json());
        return new Result.Ready(
                chosen.training(),
                new JobCommand.AcceptTraining(
                        staging.plan().toString(),
                        file.sha256(),
                        chosen.training().digest(),
                        state.step(),
                        chosen.training().stages(),
                        1,
                        proof.problems()));
    }

    private Behavior<DriverInput> taken(Result result) {
        return switch (result) {
            case Result.Refused(List<Problem> problems) ->
                    desk.fail(
                            new JobCommand.Fail(
                                    ReasonCode.PLAN_REFUSED,
                                    problems.getFirst().message(),
                                    problems));
            case Result.Adopted(JobSummary summary) -> {
                desk.report(new JobCommand.AdoptPublished(summary));
                yield Behaviors.receiveMessage(
                        message ->
                                message instanceof DriverInput.FromJob(DriverMessage.Recorded _)
                                        ? Behaviors.stopped()
                                        : desk.otherwise(message));
            }
            case Result.Ready(PlannedTraining planned, JobCommand.AcceptTraining command) -> {
                desk.report(command);
                yield Behaviors.receiveMessage(
                        message ->
                                recorded(message, JobCommand.AcceptTraining.class)
                                        .map(_ -> commit(planned))
                                        .orElseGet(() -> desk.otherwise(message)));
            }
        };
    }

    private Behavior<DriverInput> failed(Throwable failure) {
        ReasonCode code =
                failure instanceof IOException ? ReasonCode.PLAN_REFUSED : ReasonCode.INTERNAL;
        return desk.fail(
                new JobCommand.Fail(
                        code,
                        "the checkpoint cannot be taken: " + Desk.sentence(failure),
                        List.of()));
    }

    private PlannedTraining own(TrainingState training) throws IOException {
        Optional<String> damage = CheckpointFolders.damage(state().checkpoint());
        if (damage.isPresent()) {
            throw new IOException(damage.get());
        }
        DurableFiles.deleteTree(desk.staging().model());
        return TrainingFile.read(Path.of(training.plan().file()), training.plan().sha256());
    }

    private SavedTraining.State state() throws IOException {
        return SavedTraining.read(desk.staging().saved())
                .flatMap(SavedTraining::latest)
                .orElseThrow(() -> new IOException(desk.staging().saved() + " is gone"));
    }

    private Behavior<DriverInput> stockTaken(PlannedTraining planned, TrainingState training) {
        boolean committed = !training.checkpoints().isEmpty();
        desk.report(
                new JobCommand.TakeStock(
                        List.of(), training.checkpoints().size(), "the weights are written anew"));
        return Behaviors.receiveMessage(
                message ->
                        recorded(message, JobCommand.TakeStock.class)
                                .map(
                                        job ->
                                                committed
                                                        ? TrainingPhase.begin(
                                                                desk, planned, job, setting)
                                                        : commit(planned))
                                .orElseGet(() -> desk.otherwise(message)));
    }

    private Behavior<DriverInput> commit(PlannedTraining planned) {
        desk.later(
                this::state,
                mine -> {
                    desk.report(
                            new JobCommand.CommitCheckpoint(
                                    mine.checkpoint(), mine.state(), mine.numericClass()));
                    return Behaviors.same();
                },
                this::failed);
        return Behaviors.receiveMessage(
                message ->
                        recorded(message, JobCommand.CommitCheckpoint.class)
                                .map(job -> TrainingPhase.begin(desk, planned, job, setting))
                                .orElseGet(() -> desk.otherwise(message)));
    }

    private static Optional<JobState> recorded(
            DriverInput message, Class<? extends JobCommand> type) {
        return message
                                instanceof
                                DriverInput.FromJob(
                                        DriverMessage.Recorded(var command, JobState job))
                        && type.isInstance(command)
                ? Optional.of(job)
                : Optional.empty();
    }
}
