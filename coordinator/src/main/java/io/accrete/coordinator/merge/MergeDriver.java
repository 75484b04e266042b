package io.accrete.coordinator.merge;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;

import io.accrete.coordinator.drive.Desk;
import io.accrete.coordinator.drive.DriverInput;
import io.accrete.coordinator.job.Driver;
import io.accrete.coordinator.job.DriverMessage;
import io.accrete.coordinator.job.JobState;
import io.accrete.coordinator.pool.WorkerPool;

/** Brings one merge job forward: one behaviour per phase, chosen by where the job stands. */
public final class MergeDriver {

    private MergeDriver() {}

    /**
     * @param program what writes the result, with its version
     * @param diskReserve bytes that must stay free on the file system of an output
     */
    public static Driver driver(
            Planner planner, ActorRef<WorkerPool.Command> pool, String program, long diskReserve) {
        return assignment ->
                Behaviors.transformMessages(
                        DriverMessage.class,
                        start(assignment, planner, pool, program, diskReserve),
                        pf -> pf.matchAny(DriverInput.FromJob::new));
    }

    private static Behavior<DriverInput> start(
            Driver.Assignment assignment,
            Planner planner,
            ActorRef<WorkerPool.Command> pool,
            String program,
            long diskReserve) {
        return Desk.logged(
                assignment,
                context -> {
                    Desk desk = new Desk(context, assignment, pool);
                    return desk.barred()
                            .orElseGet(() -> drive(desk, planner, program, diskReserve));
                });
    }

    private static Behavior<DriverInput> drive(
            Desk desk, Planner planner, String program, long diskReserve) {
        JobState job = desk.job();
        return switch (job.phase()) {
            case PLANNING -> PlanningPhase.begin(desk, planner, program, diskReserve);
            case RECOVERING -> RecoveryPhase.begin(desk, program);
            case PUBLISHING -> RecoveryPhase.publish(desk);
            case CANCELLING -> desk.cancel();
            case QUEUED, RUNNING, PAUSED, SUCCEEDED, FAILED, CANCELLED ->
                    throw new IllegalStateException("nothing to drive in phase " + job.phase());
        };
    }
}
