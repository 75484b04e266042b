package io.accrete.coordinator.merge;

import io.accrete.protocol.job.JobSpec;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.merge.MergePlan;

import java.util.List;
import java.util.Optional;

/** Proves a recipe against its sources. It may block: it reads headers. */
@FunctionalInterface
public interface Planner {
    Outcome plan(JobSpec spec);

    /**
     * @param plan there unless a problem is an error
     */
    record Outcome(Optional<MergePlan> plan, List<Problem> problems) {
        public Outcome {
            problems = List.copyOf(problems);
        }
    }
}
