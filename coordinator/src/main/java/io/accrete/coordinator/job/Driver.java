package io.accrete.coordinator.job;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;

/** Makes the actor that brings a job forward from the phase that it is in. */
@FunctionalInterface
public interface Driver {
    Behavior<DriverMessage> start(Assignment assignment);

    /**
     * @param state where the job stands
     * @param job where to record what happens
     */
    record Assignment(JobState state, ActorRef<Report> job) {}

    /** What a driver wants journaled. The answer comes as a {@link DriverMessage}. */
    record Report(JobCommand command, ActorRef<DriverMessage> driver) {}
}
