package io.accrete.coordinator.finetune;

import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;

import io.accrete.coordinator.drive.Desk;
import io.accrete.coordinator.drive.DriverInput;
import io.accrete.coordinator.drive.DurableFiles;
import io.accrete.coordinator.drive.JobVerdict;
import io.accrete.coordinator.drive.Staging;
import io.accrete.coordinator.job.JobCommand;
import io.accrete.coordinator.job.TrainingState;
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

    private final Desk desk;
    private final TrainSetting setting;

    private ExportPhase(Desk desk, TrainSetting setting) {
        this.desk = desk;
        this.setting = setting;
    }

    static Behavior<DriverInput> begin(Desk desk, TrainSetting setting) {
        ExportPhase phase = new ExportPhase(desk, setting);
        desk.later(
                phase::take,
                verdict -> verdict.follow(desk, "there is no checkpoint"),
                phase::failed);
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

    private JobVerdict take() throws IOException {
        Staging staging = desk.staging();
        ExportProof proof = ExportProof.of(desk.job().spec(), staging);
        if (proof.published()) {
            return new JobVerdict.Adopted(PublishedTraining.summary(staging));
        }
        if (proof.refused()) {
            return new JobVerdict.Refused(proof.problems());
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
        return new JobVerdict.Ready(
                new JobCommand.AcceptTraining(
                        staging.plan().toString(),
                        file.sha256(),
                        chosen.training().digest(),
                        state.step(),
                        chosen.training().stages(),
                        1,
                        proof.problems()),
                _ -> commit(chosen.training()));
    }

    private Behavior<DriverInput> failed(Throwable failure) {
        return JobVerdict.missing(desk, "the checkpoint cannot be taken", failure);
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
        return desk.report(
                new JobCommand.TakeStock(
                        List.of(), training.checkpoints().size(), "the weights are written anew"),
                job ->
                        committed
                                ? TrainingPhase.begin(desk, planned, job, setting)
                                : commit(planned));
    }

    private Behavior<DriverInput> commit(PlannedTraining planned) {
        desk.later(
                this::state,
                mine ->
                        desk.report(
                                new JobCommand.CommitCheckpoint(
                                        mine.checkpoint(), mine.state(), mine.numericClass()),
                                job -> TrainingPhase.begin(desk, planned, job, setting)),
                this::failed);
        return Behaviors.receiveMessage(desk::otherwise);
    }
}
