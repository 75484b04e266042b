package io.accrete.coordinator.merge;

import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;

import io.accrete.coordinator.drive.Desk;
import io.accrete.coordinator.drive.DriverInput;
import io.accrete.coordinator.job.DriverMessage;
import io.accrete.coordinator.job.JobCommand;
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
                                new MergeProgress(plan, receipts(desk), receipts(desk).size())),
                failure -> desk.pauseFor(failure, "reading the plan", 0));
        return Behaviors.receiveMessage(desk::otherwise);
    }

    private Found takeStock() throws IOException {
        MergePlan plan = readPlan(desk);
        SourceCheck sources = SourceCheck.of(plan);
        StockTaking stock = StockTaking.of(plan, receipts(desk), desk.staging());
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
        desk.report(new JobCommand.TakeStock(stock.lost(), stock.kept(), stock.sentence()));
        return Behaviors.receiveMessage(message -> recorded(found.plan(), message));
    }

    private Behavior<DriverInput> recorded(MergePlan plan, DriverInput message) {
        if (message instanceof DriverInput.FromJob(DriverMessage.Recorded(var command, var job))
                && command instanceof JobCommand.TakeStock) {
            SortedMap<Integer, ShardReceipt> kept = new TreeMap<>();
            job.receipts().forEach((shard, event) -> kept.put(shard, event.receipt()));
            return RunningPhase.begin(
                    desk, new MergeProgress(plan, kept, job.resumed()), job, program);
        }
        return desk.otherwise(message);
    }

    private static MergePlan readPlan(Desk desk) throws IOException {
        JobEvent.Planned planned = desk.job().plan().orElseThrow();
        return PlanFile.read(Path.of(planned.file()), planned.sha256());
    }

    private static SortedMap<Integer, ShardReceipt> receipts(Desk desk) {
        SortedMap<Integer, ShardReceipt> receipts = new TreeMap<>();
        desk.job().receipts().forEach((shard, event) -> receipts.put(shard, event.receipt()));
        return receipts;
    }
}
