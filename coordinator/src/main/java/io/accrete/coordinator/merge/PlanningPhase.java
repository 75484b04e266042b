package io.accrete.coordinator.merge;

import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;

import io.accrete.coordinator.drive.Desk;
import io.accrete.coordinator.drive.DriverInput;
import io.accrete.coordinator.drive.DurableFiles;
import io.accrete.coordinator.drive.JobVerdict;
import io.accrete.coordinator.drive.Staging;
import io.accrete.coordinator.job.JobCommand;
import io.accrete.protocol.job.JobSpec;
import io.accrete.protocol.job.MergeSummary;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.merge.MergePlan;
import io.accrete.protocol.merge.PlanFile;
import io.accrete.protocol.merge.ShardReceipt;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Proves the recipe and the output; writes the plan only if both are right. */
final class PlanningPhase {
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
        desk.later(
                phase::plan,
                verdict -> verdict.follow(desk, "the recipe has no plan"),
                failure -> JobVerdict.missing(desk, "planning failed", failure));
        return Behaviors.receiveMessage(desk::otherwise);
    }

    private JobVerdict plan() throws IOException {
        JobSpec spec = desk.job().spec();
        MergeProof proof = new MergeProof(spec, desk.staging(), diskReserve);
        return switch (proof.of(planner.plan(spec))) {
            case MergeProof.Refused(List<Problem> problems) -> new JobVerdict.Refused(problems);
            case MergeProof.Published(MergePlan plan) -> new JobVerdict.Adopted(adopt(plan));
            case MergeProof.Proven(MergePlan plan, List<Problem> warnings) -> ready(plan, warnings);
        };
    }

    private MergeSummary adopt(MergePlan plan) throws IOException {
        Path output = desk.staging().output();
        ShardReceipt.Moved moved = Provenance.movedOf(output).orElse(ShardReceipt.Moved.NONE);
        return MergeProgress.summary(
                plan, output.toString(), moved, desk.seconds(), plan.shards().size());
    }

    private JobVerdict ready(MergePlan plan, List<Problem> warnings) throws IOException {
        Staging staging = desk.staging();
        PlanFile file = PlanFile.of(plan);
        DurableFiles.createFolder(staging.root());
        // Whatever stands here belongs to a plan that was never journaled.
        DurableFiles.deleteTree(staging.tmp());
        DurableFiles.deleteTree(staging.model());
        DurableFiles.createFolder(staging.tmp());
        DurableFiles.createFolder(staging.model());
        DurableFiles.write(staging.plan(), file.json());
        return new JobVerdict.Ready(
                new JobCommand.AcceptPlan(
                        staging.plan().toString(),
                        file.sha256(),
                        plan.job(),
                        plan.model(),
                        plan.shards().size(),
                        warnings),
                job -> RunningPhase.begin(desk, MergeProgress.begun(plan), job, program));
    }
}
