package io.accrete.coordinator.job;

import io.accrete.protocol.job.JobView;
import io.accrete.protocol.wire.Wire;

/** The answer to somebody who wants something of a job. */
public sealed interface JobReply extends Wire {

    /** It is journaled. */
    record Done(JobView view) implements JobReply {}

    record Deleted(String job) implements JobReply {}

    record Refused(String sentence) implements JobReply {}

    record Missing(String job) implements JobReply {}
}
