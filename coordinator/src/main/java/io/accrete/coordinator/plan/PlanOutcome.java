package io.accrete.coordinator.plan;

import io.accrete.protocol.job.Problem;
import io.accrete.protocol.merge.MergePlan;

import java.util.List;
import java.util.Optional;

/**
 * What became of a recipe. Without a plan there is a reason: an error, or weights that are not
 * there and that a look at the recipe does not need.
 *
 * @param plan present if nothing is in the way of running it
 * @param problems all of them, errors and warnings
 * @param report absent if the recipe could not be read
 */
public record PlanOutcome(
        Optional<MergePlan> plan, List<Problem> problems, Optional<PlanReport> report) {
    public PlanOutcome {
        problems = List.copyOf(problems);
        boolean errors = problems.stream().anyMatch(Problem::isError);
        boolean accepted = report.isPresent() && report.get().ok();
        if (errors == accepted) {
            throw new IllegalArgumentException(
                    "a plan is refused by errors and only by them: " + problems);
        }
        if (plan.isPresent() && errors) {
            throw new IllegalArgumentException("a plan with errors: " + problems);
        }
    }

    /** Whether the recipe can be merged, once all of its weights are there. */
    public boolean ok() {
        return report.isPresent() && report.get().ok();
    }

    public boolean hasErrors() {
        return problems.stream().anyMatch(Problem::isError);
    }
}
