package io.accrete.coordinator.drive;

import akka.actor.typed.Behavior;

import io.accrete.coordinator.job.DriverMessage;
import io.accrete.coordinator.pool.TaskNotice;
import io.accrete.protocol.wire.StageAnswer;

/** What the driver of a job hears. */
public sealed interface DriverInput {

    record FromJob(DriverMessage message) implements DriverInput {}

    record FromPool(TaskNotice notice) implements DriverInput {}

    /** Only trainings have stages. */
    record FromStages(StageAnswer report) implements DriverInput {}

    /**
     * A piece of blocking work has ended.
     *
     * @param then what it means, to be done in the actor
     */
    record WorkDone(Continuation then) implements DriverInput {}

    /** What follows a piece of work. */
    @FunctionalInterface
    interface Continuation {
        Behavior<DriverInput> go();
    }
}
