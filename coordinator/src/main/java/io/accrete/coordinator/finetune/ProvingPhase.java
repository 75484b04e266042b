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
import io.accrete.protocol.job.JobSummary;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.job.ReasonCode;
import io.accrete.protocol.train.PlannedTraining;
import io.accrete.protocol.train.TrainJob;
import io.accrete.protocol.train.TrainingFile;

import java.io.IOException;
import java.util.List;

/** Proves the job file and the output; writes the plan only if both are right. */
final class ProvingPhase {

    /** What planning came to. */
    private sealed interface Result {
        record Refused(List<Problem> problems) implements Result {}

        record Adopted(JobSummary summary) implements Result {}

        record Ready(PlannedTraining planned, JobCommand.AcceptTraining command)
                implements Result {}
    }

    private final Desk desk;
    private final TrainSetting setting;

    private ProvingPhase(Desk desk, TrainSetting setting) {
        this.desk = desk;
        this.setting = setting;
    }

    static Behavior<DriverInput> begin(Desk desk, TrainSetting setting) {
        ProvingPhase phase = new ProvingPhase(desk, setting);
        desk.later(phase::plan, phase::planned, phase::failed);
        return Behaviors.receiveMessage(desk::otherwise);
    }

    private Behavior<DriverInput> planned(Result result) {
        return switch (result) {
            case Result.Refused(List<Problem> problems) ->
                    desk.fail(
                            new JobCommand.Fail(
                                    ReasonCode.PLAN_REFUSED, sentence(problems), problems));
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
                yield Behaviors.receiveMessage(message -> accepted(planned, message));
            }
        };
    }

    private Behavior<DriverInput> accepted(PlannedTraining planned, DriverInput message) {
        return message
                                instanceof
                                DriverInput.FromJob(
                                        DriverMessage.Recorded(var command, JobState job))
                        && command instanceof JobCommand.AcceptTraining
                ? TrainingPhase.begin(desk, planned, job, setting)
                : desk.otherwise(message);
    }

    private Behavior<DriverInput> failed(Throwable failure) {
        ReasonCode code =
                failure instanceof IOException ? ReasonCode.PLAN_REFUSED : ReasonCode.INTERNAL;
        return desk.fail(
                new JobCommand.Fail(code, "planning failed: " + Desk.sentence(failure), List.of()));
    }

    private Result plan() throws IOException {
        TrainProof proof = TrainProof.of(desk.job().spec(), desk.staging());
        if (proof.published()) {
            return new Result.Adopted(PublishedTraining.summary(desk.staging()));
        }
        return proof.refused()
                ? new Result.Refused(proof.problems())
                : ready(proof.prepared().training().orElseThrow(), proof.problems());
    }

    private Result ready(PlannedTraining planned, List<Problem> warnings) throws IOException {
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
        return new Result.Ready(
                planned,
                new JobCommand.AcceptTraining(
                        staging.plan().toString(),
                        file.sha256(),
                        planned.digest(),
                        planned.steps(),
                        planned.stages(),
                        job.checkpointsKept(),
                        warnings));
    }

    private static String sentence(List<Problem> problems) {
        List<Problem> errors = problems.stream().filter(Problem::isError).toList();
        return switch (errors.size()) {
            case 0 -> "the job file has no plan";
            case 1 -> errors.getFirst().message();
            default ->
                    "%d problems, the first: %s"
                            .formatted(errors.size(), errors.getFirst().message());
        };
    }
}
