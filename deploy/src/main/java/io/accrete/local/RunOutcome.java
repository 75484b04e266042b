package io.accrete.local;

import io.accrete.protocol.job.JobView;
import io.accrete.protocol.job.Problem;

import java.util.List;
import java.util.Optional;

/** What came of a job on this machine. */
public sealed interface RunOutcome {
    /** Nothing was done and nothing is left. */
    record Refused(List<Problem> problems) implements RunOutcome {
        public Refused {
            problems = List.copyOf(problems);
            if (problems.stream().noneMatch(Problem::isError)) {
                throw new IllegalArgumentException("refused without a reason: " + problems);
            }
        }
    }

    /**
     * The job has come to an end, or to a halt that needs somebody's help.
     *
     * @param job digest of the job
     */
    record Ended(String job, JobView view) implements RunOutcome {}

    /**
     * A signal stopped it, and the process is ending; the same command goes on.
     *
     * @param job digest of the job, if there is a plan
     */
    record Interrupted(Optional<String> job) implements RunOutcome {}
}
