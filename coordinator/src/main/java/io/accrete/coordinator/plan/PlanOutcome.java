package io.accrete.coordinator.plan;

import io.accrete.protocol.job.Problem;
import io.accrete.protocol.merge.MergePlan;

import java.util.List;
import java.util.Optional;

/**
 * What became of a recipe.
 *
 * @param plan present if nothing is in the way of running it
 * @param problems all of them, errors and warnings
 */
public record PlanOutcome(
        Optional<MergePlan> plan, List<Problem> problems, Optional<PlanReport> report) {
    public PlanOutcome {
        problems = List.copyOf(problems);
    }

    public boolean hasErrors() {
        return problems.stream().anyMatch(Problem::isError);
    }
}
