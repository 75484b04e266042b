package io.accrete.protocol.job;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A job as others see it at one moment.
 *
 * @param reason why it is in its phase, as a sentence
 * @param running tasks in flight, for per-shard progress
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
        Optional<MergeSummary> result) {
    public JobView {
        running = List.copyOf(running);
        problems = List.copyOf(problems);
    }

    public record RunningTask(String file, String worker, long bytesDone, long bytesTotal) {}
}
