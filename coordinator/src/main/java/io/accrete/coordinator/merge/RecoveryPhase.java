package io.accrete.coordinator.merge;

import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;

import io.accrete.coordinator.drive.Desk;
import io.accrete.coordinator.drive.DriverInput;
import io.accrete.coordinator.job.JobCommand;
import io.accrete.coordinator.job.JobState;
import io.accrete.protocol.job.JobEvent;
import io.accrete.protocol.job.ReasonCode;
import io.accrete.protocol.merge.MergePlan;
import io.accrete.protocol.merge.PlanFile;
import io.accrete.protocol.merge.ShardReceipt;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Takes stock of what an earlier run left, and goes on from there. */
final class RecoveryPhase {

    /** What was found. */
    private record Found(MergePlan plan, SourceCheck sources, StockTaking stock) {}

    private final Desk desk;
    private final String program;

    private RecoveryPhase(Desk desk, String program) {
        this.desk = desk;
        this.program = program;
    }

    static Behavior<DriverInput> begin(Desk desk, String program) {
        RecoveryPhase phase = new RecoveryPhase(desk, program);
        desk.later(
                phase::takeStock,
                phase::found,
                failure -> desk.pauseFor(failure, "taking stock", 0));
        return Behaviors.receiveMessage(desk::otherwise);
    }

    /** A job that was being published when its coordinator ended. */
    static Behavior<DriverInput> publish(Desk desk) {
        desk.later(
                () -> readPlan(desk),
                plan ->
                        PublishingPhase.advance(
                                desk,
                                new MergeProgress(
                                        plan, receipts(desk.job()), receipts(desk.job()).size())),
                failure -> desk.pauseFor(failure, "reading the plan", 0));
        return Behaviors.receiveMessage(desk::otherwise);
    }

    private Found takeStock() throws IOException {
        MergePlan plan = readPlan(desk);
        SourceCheck sources = SourceCheck.of(plan);
        StockTaking stock = StockTaking.of(plan, receipts(desk.job()), desk.staging());
        return new Found(plan, sources, stock);
    }

    private Behavior<DriverInput> found(Found found) {
        if (!found.sources().changed().isEmpty()) {
            return desk.fail(
                    new JobCommand.Fail(
                            ReasonCode.SOURCE_CHANGED,
                            "a source is not what the plan was made from: "
                                    + String.join("; ", found.sources().changed())
                                    + ". Run the command again to merge what is there now",
                            List.of()));
        }
        if (!found.sources().missing().isEmpty()) {
            return desk.pause(
                    ReasonCode.SOURCE_MISSING,
                    "a source is not there: "
                            + String.join(", ", found.sources().missing())
                            + ". What is done is kept: put it back and run the same command again");
        }
        StockTaking stock = found.stock();
        return desk.report(
                new JobCommand.TakeStock(stock.lost(), stock.kept(), stock.sentence()),
                job -> {
                    SortedMap<Integer, ShardReceipt> kept = receipts(job);
                    return RunningPhase.begin(
                            desk,
                            new MergeProgress(found.plan(), kept, job.resumed()),
                            job,
                            program);
                });
    }

    private static MergePlan readPlan(Desk desk) throws IOException {
        JobEvent.Planned planned = desk.job().plan().orElseThrow();
        return PlanFile.read(Path.of(planned.file()), planned.sha256());
    }

    private static SortedMap<Integer, ShardReceipt> receipts(JobState job) {
        SortedMap<Integer, ShardReceipt> receipts = new TreeMap<>();
        job.receipts().forEach((shard, event) -> receipts.put(shard, event.receipt()));
        return receipts;
    }
}
