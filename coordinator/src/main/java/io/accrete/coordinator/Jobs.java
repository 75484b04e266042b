package io.accrete.coordinator;

import io.accrete.protocol.job.JobSpec;
import io.accrete.protocol.job.JobView;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Job control, as the command line and HTTP use it. Every change is journaled before the stage
 * completes.
 */
public interface Jobs {
    /**
     * @param idempotencyKey the same key gives the same job, whatever happens in between
     */
    CompletionStage<JobView> submit(JobSpec spec, String idempotencyKey);

    CompletionStage<Optional<JobView>> view(String job);

    CompletionStage<List<JobView>> list();

    /** Fails with {@link IllegalStateException} where the job's phase does not allow it. */
    CompletionStage<JobView> pause(String job);

    /** As {@link #pause}. */
    CompletionStage<JobView> resume(String job);

    /** As {@link #pause}. */
    CompletionStage<JobView> cancel(String job);
}
