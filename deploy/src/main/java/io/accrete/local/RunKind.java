package io.accrete.local;

import io.accrete.coordinator.job.JobCommand;
import io.accrete.coordinator.merge.Planner;
import io.accrete.protocol.job.JobView;
import io.accrete.protocol.job.Problem;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** What is particular to a kind of job that runs on this machine. */
interface RunKind {
    /** What it is called in sentences. */
    String name();

    /** Proves the job before anything of it is written. It may block. */
    Proof prove() throws IOException;

    /** Nothing is in its way; it starts now. */
    void begin() throws IOException;

    /**
     * The plan by which a job goes on that another command with the same result has begun.
     *
     * @throws IllegalStateException of a kind whose commands all have results of their own
     */
    default JobCommand.Recut recut() throws IOException {
        throw new IllegalStateException("a " + name() + " cannot be cut anew");
    }

    /** Plans merges for the coordinator. */
    Planner planner();

    /** Called several times a second. */
    void observed(JobView view) throws IOException;

    /** Where it would stand if it were stopped now, as a sentence. */
    Optional<String> where(JobView view);

    /**
     * @param job there unless a problem is an error
     */
    record Proof(Optional<StagedJob> job, List<Problem> problems) {
        public Proof {
            problems = List.copyOf(problems);
        }
    }
}
