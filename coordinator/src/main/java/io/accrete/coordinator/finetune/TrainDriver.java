package io.accrete.coordinator.finetune;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;

import io.accrete.coordinator.drive.Desk;
import io.accrete.coordinator.drive.DriverInput;
import io.accrete.coordinator.job.Driver;
import io.accrete.coordinator.job.DriverMessage;
import io.accrete.coordinator.job.JobState;
import io.accrete.coordinator.pool.WorkerPool;
import io.accrete.protocol.job.JobKind;

import java.time.Duration;

/**
 * Brings one training, or one export, forward: one behaviour per phase, chosen by where the job
 * stands.
 */
public final class TrainDriver {
    private TrainDriver() {}

    /**
     * @param program what writes the result, with its version
     * @param gather how long more workers are waited for than are there
     */
    public static Driver driver(
            ActorRef<WorkerPool.Command> pool, String program, Duration gather, OtherJobs others) {
        TrainSetting setting = new TrainSetting(program, gather, others);
        return assignment ->
                Behaviors.transformMessages(
                        DriverMessage.class,
                        start(assignment, pool, setting),
                        pf -> pf.matchAny(DriverInput.FromJob::new));
    }

    private static Behavior<DriverInput> start(
            Driver.Assignment assignment, ActorRef<WorkerPool.Command> pool, TrainSetting setting) {
        return Desk.logged(
                assignment,
                context -> {
                    Desk desk = new Desk(context, assignment, pool);
                    return desk.barred().orElseGet(() -> drive(desk, setting));
                });
    }

    private static Behavior<DriverInput> drive(Desk desk, TrainSetting setting) {
        JobState job = desk.job();
        boolean export = job.spec().kind() == JobKind.EXPORT;
        return switch (job.phase()) {
            case PLANNING ->
                    export ? ExportPhase.begin(desk, setting) : ProvingPhase.begin(desk, setting);
            case RECOVERING ->
                    export ? ExportPhase.goOn(desk, setting) : StockPhase.begin(desk, setting);
            case PUBLISHING -> ResultPhase.goOn(desk);
            case CANCELLING -> desk.cancel();
            case QUEUED, RUNNING, PAUSED, SUCCEEDED, FAILED, CANCELLED ->
                    throw new IllegalStateException("nothing to drive in phase " + job.phase());
        };
    }
}
