package io.accrete.coordinator.job;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;

/** Makes the actor that brings a job forward from the phase that it is in. */
@FunctionalInterface
public interface Driver {
    Behavior<DriverMessage> start(Assignment assignment);

    /**
     * @param state where the job stands
     * @param generation of the driver: each that is started for a job has a higher one
     * @param job where to record what happens
     */
    record Assignment(JobState state, int generation, ActorRef<Report> job) {}

    /**
     * What a driver wants journaled. The answer comes as a {@link DriverMessage}.
     *
     * @param generation of its assignment; those of replaced drivers are refused
     */
    record Report(int generation, JobCommand command, ActorRef<DriverMessage> driver) {}
}
