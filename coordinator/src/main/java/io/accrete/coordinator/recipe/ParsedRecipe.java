package io.accrete.coordinator.recipe;

import io.accrete.protocol.job.Problem;

import java.util.List;

/**
 * What reading a recipe gave.
 *
 * @param documents those that have a known method and one readable form, so that their models can
 *     be looked at even when {@code problems} has errors; then parts with errors are left out of
 *     them, parameters above all, and nothing may be concluded from what is missing
 * @param problems in the order of the text
 */
public record ParsedRecipe(List<MergeRecipe> documents, List<Problem> problems) {
    public ParsedRecipe {
        documents = List.copyOf(documents);
        problems = List.copyOf(problems);
    }

    public boolean hasErrors() {
        return problems.stream().anyMatch(Problem::isError);
    }
}
