package io.accrete.coordinator.merge;

import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;

import io.accrete.coordinator.drive.Desk;
import io.accrete.coordinator.drive.DriverInput;
import io.accrete.coordinator.drive.DurableFiles;
import io.accrete.coordinator.drive.Staging;
import io.accrete.coordinator.job.DriverMessage;
import io.accrete.coordinator.job.JobCommand;
import io.accrete.protocol.job.JobSpec;
import io.accrete.protocol.job.MergeSummary;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.job.ReasonCode;
import io.accrete.protocol.merge.MergePlan;
import io.accrete.protocol.merge.PlanFile;
import io.accrete.protocol.merge.ShardReceipt;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Proves the recipe and the output; writes the plan only if both are right. */
final class PlanningPhase {
    /** What planning came to. */
    private sealed interface Result {
        record Refused(List<Problem> problems) implements Result {}

        record Adopted(MergeSummary summary) implements Result {}

        record Ready(MergePlan plan, JobCommand.AcceptPlan command) implements Result {}
    }

    private final Desk desk;
    private final Planner planner;
    private final String program;
    private final long diskReserve;

    private PlanningPhase(Desk desk, Planner planner, String program, long diskReserve) {
        this.desk = desk;
        this.planner = planner;
        this.program = program;
        this.diskReserve = diskReserve;
    }

    static Behavior<DriverInput> begin(
            Desk desk, Planner planner, String program, long diskReserve) {
        PlanningPhase phase = new PlanningPhase(desk, planner, program, diskReserve);
        desk.later(phase::plan, phase::planned, phase::failed);
        return Behaviors.receiveMessage(desk::otherwise);
    }

    private Behavior<DriverInput> planned(Result result) {
        return switch (result) {
            case Result.Refused(List<Problem> problems) ->
                    desk.fail(
                            new JobCommand.Fail(
                                    ReasonCode.PLAN_REFUSED, sentence(problems), problems));
            case Result.Adopted(MergeSummary summary) -> {
                desk.report(new JobCommand.AdoptPublished(summary));
                yield Behaviors.receiveMessage(
                        message ->
                                message instanceof DriverInput.FromJob(DriverMessage.Recorded r)
                                        ? Behaviors.stopped()
                                        : desk.otherwise(message));
            }
            case Result.Ready(MergePlan plan, JobCommand.AcceptPlan command) -> {
                desk.report(command);
                yield Behaviors.receiveMessage(message -> accepted(plan, message));
            }
        };
    }

    private Behavior<DriverInput> accepted(MergePlan plan, DriverInput message) {
        return message instanceof DriverInput.FromJob(DriverMessage.Recorded(var command, var job))
                        && command instanceof JobCommand.AcceptPlan
                ? RunningPhase.begin(desk, MergeProgress.begun(plan), job, program)
                : desk.otherwise(message);
    }

    private Behavior<DriverInput> failed(Throwable failure) {
        if (failure instanceof IOException) {
            return desk.fail(
                    new JobCommand.Fail(
                            ReasonCode.PLAN_REFUSED,
                            "planning failed: " + Desk.sentence(failure),
                            List.of()));
        }
        return desk.fail(
                new JobCommand.Fail(ReasonCode.INTERNAL, "planning failed: " + failure, List.of()));
    }

    private Result plan() throws IOException {
        JobSpec spec = desk.job().spec();
        MergeProof proof = new MergeProof(spec, desk.staging(), diskReserve);
        return switch (proof.of(planner.plan(spec))) {
            case MergeProof.Refused(List<Problem> problems) -> new Result.Refused(problems);
            case MergeProof.Published(MergePlan plan) -> new Result.Adopted(adopt(plan));
            case MergeProof.Proven(MergePlan plan, List<Problem> warnings) -> ready(plan, warnings);
        };
    }

    private MergeSummary adopt(MergePlan plan) throws IOException {
        Path output = desk.staging().output();
        ShardReceipt.Moved moved = Provenance.movedOf(output).orElse(ShardReceipt.Moved.NONE);
        return MergeProgress.summary(
                plan, output.toString(), moved, desk.seconds(), plan.shards().size());
    }

    private Result ready(MergePlan plan, List<Problem> warnings) throws IOException {
        Staging staging = desk.staging();
        PlanFile file = PlanFile.of(plan);
        DurableFiles.createFolder(staging.root());
        // Whatever stands here belongs to a plan that was never journaled.
        DurableFiles.deleteTree(staging.tmp());
        DurableFiles.deleteTree(staging.model());
        DurableFiles.createFolder(staging.tmp());
        DurableFiles.createFolder(staging.model());
        DurableFiles.write(staging.plan(), file.json());
        return new Result.Ready(
                plan,
                new JobCommand.AcceptPlan(
                        staging.plan().toString(),
                        file.sha256(),
                        plan.job(),
                        plan.model(),
                        plan.shards().size(),
                        warnings));
    }

    private static String sentence(List<Problem> problems) {
        List<Problem> errors = problems.stream().filter(Problem::isError).toList();
        return switch (errors.size()) {
            case 0 -> "the recipe has no plan";
            case 1 -> errors.getFirst().message();
            default ->
                    "%d problems, the first: %s"
                            .formatted(errors.size(), errors.getFirst().message());
        };
    }
}
