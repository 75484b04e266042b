package io.accrete.protocol.job;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A job as others see it at one moment.
 *
 * @param reason why it is in its phase, as a sentence
 * @param running tasks in flight, for per-shard progress
 * @param training of a training, once it is planned
 * @param problems of its plan: all of them where it was refused, else warnings
 */
public record JobView(
        String id,
        JobKind kind,
        JobPhase phase,
        String reasonCode,
        String reason,
        String output,
        Progress progress,
        List<RunningTask> running,
        Instant created,
        Instant updated,
        List<Problem> problems,
        Optional<TrainProgress> training,
        Optional<JobSummary> result) {
    public JobView {
        running = List.copyOf(running);
        problems = List.copyOf(problems);
    }

    /** The same, with what is known of its steps now. */
    public JobView at(TrainProgress now) {
        return new JobView(
                id,
                kind,
                phase,
                reasonCode,
                reason,
                output,
                new Progress(0, 0, now.step(), now.steps(), progress.tasksResumed()),
                running,
                created,
                updated,
                problems,
                Optional.of(now),
                result);
    }

    public record RunningTask(String file, String worker, long bytesDone, long bytesTotal) {}
}
