package io.accrete.coordinator.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.protocol.job.Problem;

/** Short recipes for tests, and what reading them must give. */
final class Recipes {
    private Recipes() {}

    /** A passthrough of one slice of model A, with more lines at the top level. */
    static String slice(String range, String... topLevel) {
        return "merge_method: passthrough\n"
                + String.join("\n", topLevel)
                + (topLevel.length == 0 ? "" : "\n")
                + "slices:\n  - sources:\n      - model: A\n        layer_range: "
                + range
                + "\n";
    }

    static ParsedRecipe read(String text) {
        return RecipeReader.read("r.yml", text, false);
    }

    static MergeRecipe accepted(String text) {
        ParsedRecipe parsed = read(text);
        assertThat(parsed.problems()).isEmpty();
        assertThat(parsed.documents()).hasSize(1);
        return parsed.documents().getFirst();
    }

    /** The only problem of a text. */
    static Problem only(String text) {
        ParsedRecipe parsed = read(text);
        assertThat(parsed.problems()).hasSize(1);
        return parsed.problems().getFirst();
    }

    /** The only problem, which is an error. */
    static Problem error(String text) {
        Problem problem = only(text);
        assertThat(problem.isError()).isTrue();
        return problem;
    }

    /** The only problem, a warning that strictness makes an error. */
    static Problem slip(String text) {
        Problem problem = only(text);
        assertThat(problem.isError()).isFalse();
        assertThat(RecipeReader.read("r.yml", text, true).hasErrors()).isTrue();
        return problem;
    }
}
