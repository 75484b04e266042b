package io.accrete.coordinator.job;

import akka.Done;

import io.accrete.protocol.job.JobSpec;
import io.accrete.protocol.job.JobView;
import io.accrete.protocol.job.WorkerView;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Job control, as the command line and HTTP use it. Every change is journaled before the stage
 * completes; each stage may fail with a {@link JobsException}.
 */
public interface Jobs {
    /** The key of a job that another asks for; no header can hold it. */
    static String keyBeside(String key) {
        return key + "\nbaseline";
    }

    /**
     * @param idempotencyKey the same key gives the same job, whatever happens in between
     * @param user whose job it is, for the bound on the jobs of each
     */
    CompletionStage<JobView> submit(JobSpec spec, String idempotencyKey, String user);

    CompletionStage<Optional<JobView>> view(String job);

    /** Completes where the coordinator answers, and fails soon where it does not. */
    CompletionStage<Done> presence();

    CompletionStage<ListReply> list(JobQuery query);

    /** What there is to do, and was done. */
    CompletionStage<Figures> figures();

    /** All workers that the coordinator knows. */
    CompletionStage<List<WorkerView>> workers();

    /** The worker finishes what it has and gets no more; missing where there is none. */
    CompletionStage<WorkerView> drain(String worker);

    /** Refused where the job's phase does not allow it. */
    CompletionStage<JobView> pause(String job);

    /** As {@link #pause}. */
    CompletionStage<JobView> resume(String job);

    /** As {@link #pause}. */
    CompletionStage<JobView> cancel(String job);

    /**
     * As {@link #pause}, of a training that has a checkpoint of that step.
     *
     * @param step that it goes on from; 0 for the beginning
     */
    CompletionStage<JobView> rollBack(String job, int step);

    /**
     * As {@link #pause}, of a training that is paused: when it is resumed it goes on by that plan,
     * which has to be one of the same training.
     */
    CompletionStage<JobView> recut(String job, JobCommand.Recut recut);

    /**
     * Takes a job off the list; refused where it has not ended. What it published stays.
     *
     * @return its name
     */
    CompletionStage<String> delete(String job);
}
