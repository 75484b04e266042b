package io.accrete.coordinator.finetune;

import io.accrete.coordinator.job.JobReply;
import io.accrete.protocol.job.JobSpec;

import java.util.concurrent.CompletionStage;

/** What a training asks about other jobs of its coordinator. */
public interface OtherJobs {
    /** Whether a job is at work that publishes to a path. */
    CompletionStage<Boolean> atWork(String output);

    /**
     * Submits a job that another asks for, in the name of the same user. It is the same job,
     * however often it is asked for.
     *
     * @param job the one that asks
     */
    CompletionStage<JobReply> submitBeside(String job, JobSpec spec);
}
