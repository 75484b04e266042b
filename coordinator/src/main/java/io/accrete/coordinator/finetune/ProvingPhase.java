package io.accrete.coordinator.finetune;

import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;

import io.accrete.coordinator.drive.Desk;
import io.accrete.coordinator.drive.DriverInput;
import io.accrete.coordinator.drive.DurableFiles;
import io.accrete.coordinator.drive.JobVerdict;
import io.accrete.coordinator.drive.Staging;
import io.accrete.coordinator.job.JobCommand;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.train.PlannedTraining;
import io.accrete.protocol.train.TrainJob;
import io.accrete.protocol.train.TrainingFile;

import java.io.IOException;
import java.util.List;

/** Proves the job file and the output; writes the plan only if both are right. */
final class ProvingPhase {

    private final Desk desk;
    private final TrainSetting setting;

    private ProvingPhase(Desk desk, TrainSetting setting) {
        this.desk = desk;
        this.setting = setting;
    }

    static Behavior<DriverInput> begin(Desk desk, TrainSetting setting) {
        ProvingPhase phase = new ProvingPhase(desk, setting);
        desk.later(
                phase::plan,
                verdict -> verdict.follow(desk, "the job file has no plan"),
                failure -> JobVerdict.missing(desk, "planning failed", failure));
        return Behaviors.receiveMessage(desk::otherwise);
    }

    private JobVerdict plan() throws IOException {
        TrainProof proof = TrainProof.of(desk.job().spec(), desk.staging());
        if (proof.published()) {
            return new JobVerdict.Adopted(PublishedTraining.summary(desk.staging()));
        }
        return proof.refused()
                ? new JobVerdict.Refused(proof.problems())
                : ready(proof.prepared().training().orElseThrow(), proof.problems());
    }

    private JobVerdict ready(PlannedTraining planned, List<Problem> warnings) throws IOException {
        Staging staging = desk.staging();
        TrainingFile file = TrainingFile.of(planned);
        DurableFiles.createFolder(staging.root());
        // Whatever stands here belongs to a plan that was never journaled.
        DurableFiles.deleteTree(staging.checkpoints());
        DurableFiles.deleteTree(staging.model());
        DurableFiles.deleteTree(staging.metrics());
        DurableFiles.deleteTree(staging.saved());
        DurableFiles.createFolder(staging.checkpoints());
        DurableFiles.write(staging.plan(), file.json());
        TrainJob job = planned.job();
        return new JobVerdict.Ready(
                new JobCommand.AcceptTraining(
                        staging.plan().toString(),
                        file.sha256(),
                        planned.digest(),
                        planned.steps(),
                        planned.stages(),
                        job.checkpointsKept(),
                        warnings),
                accepted -> TrainingPhase.begin(desk, planned, accepted, setting));
    }
}
