package io.accrete.coordinator.job;

import io.accrete.protocol.http.FigurePage;
import io.accrete.protocol.http.PlanResource;
import io.accrete.protocol.job.JobSpec;
import io.accrete.protocol.job.JobView;
import io.accrete.protocol.job.Problem;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Plans of jobs, and figures of trainings, for who wants to look at them. Any node that reaches the
 * storage and the journal may tell; each stage may fail with a {@link JobsException}.
 */
public interface JobPlans {
    /** A job that is submitted before another since that one asks for it. */
    Optional<JobSpec> beforehand(JobSpec spec);

    /** What the plan of such a job would be now. Nothing is journaled, nothing is written. */
    CompletionStage<Trial> tryOut(JobSpec spec);

    /** The plan that was made; missing where there is none yet. */
    CompletionStage<PlanResource> of(String job);

    /** Figures of a training so far; none where it has not begun, or left nothing. */
    CompletionStage<FigurePage> figures(JobView job, FigureQuery query);

    /**
     * What came of trying a job out.
     *
     * @param report as {@code accrete plan --json} writes it; empty if the job would be refused
     * @param problems all of them
     */
    record Trial(Optional<Object> report, List<Problem> problems) {
        public Trial {
            problems = List.copyOf(problems);
        }
    }
}
