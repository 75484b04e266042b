package io.accrete.coordinator.job;

import akka.actor.typed.ActorRef;

import io.accrete.protocol.job.JobView;

/** From a job to its driver, the actor that does what the job's phase asks for. */
public sealed interface DriverMessage {

    /** What the driver asked for is journaled. */
    record Recorded(JobCommand command, JobState state) implements DriverMessage {}

    /** What the driver asked for does not fit the job any more. */
    record Refused(JobCommand command, String sentence) implements DriverMessage {}

    /** Complete the view with what runs now, and answer. */
    record Describe(JobView view, ActorRef<JobView> replyTo) implements DriverMessage {}

    /** Stop, and leave what is done where it is. */
    record Halt() implements DriverMessage {}

    /** Stop, clean up, and confirm. */
    record Cancel() implements DriverMessage {}
}
