package io.accrete.coordinator.plan;

import io.accrete.coordinator.recipe.MergeRecipe;
import io.accrete.protocol.job.MergeOptions;
import io.accrete.protocol.job.Problem;

import java.util.List;

/**
 * Everything that decides a plan.
 *
 * @param problems found in reading the recipe; if one is an error, what is missing in the recipe
 *     may only not have been read
 * @param output path of the output folder
 * @param title name of the output folder
 * @param firm the plan is to be run; else lack of space is a warning of it
 */
public record PlanRequest(
        MergeRecipe recipe,
        List<Problem> problems,
        Catalog catalog,
        MergeOptions options,
        Volume volume,
        String output,
        String title,
        boolean firm) {
    public PlanRequest {
        problems = List.copyOf(problems);
    }
}
