package io.accrete.coordinator.job;

import io.accrete.protocol.job.JobView;

/** The answer to somebody who wants something of a job. */
public sealed interface JobReply {

    /** It is journaled. */
    record Done(JobView view) implements JobReply {}

    record Refused(String sentence) implements JobReply {}
}
