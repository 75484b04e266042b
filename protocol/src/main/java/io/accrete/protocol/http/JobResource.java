package io.accrete.protocol.http;

import io.accrete.protocol.job.JobKind;
import io.accrete.protocol.job.JobPhase;
import io.accrete.protocol.job.JobSummary;
import io.accrete.protocol.job.JobView;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.job.Progress;
import io.accrete.protocol.job.TrainProgress;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A job as {@code GET /jobs/{id}} shows it.
 *
 * @param state where it is in its life
 * @param reasonCode programs may switch on it
 * @param reason why it is there, as a sentence
 * @param running tasks in flight
 * @param training of a training, once it is planned
 * @param problems all of them where the plan was refused, else warnings
 */
public record JobResource(
        String id,
        JobKind kind,
        JobPhase state,
        String reasonCode,
        String reason,
        String output,
        Progress progress,
        List<JobView.RunningTask> running,
        Instant created,
        Instant updated,
        List<Problem> problems,
        Optional<TrainProgress> training,
        Optional<JobSummary> result) {
    public JobResource {
        running = List.copyOf(running);
        problems = List.copyOf(problems);
    }

    public static JobResource of(JobView view) {
        return new JobResource(
                view.id(),
                view.kind(),
                view.phase(),
                view.reasonCode(),
                view.reason(),
                view.output(),
                view.progress(),
                view.running(),
                view.created(),
                view.updated(),
                view.problems(),
                view.training(),
                view.result());
    }
}
