package io.accrete.coordinator.recipe;

import static io.accrete.coordinator.recipe.Recipes.accepted;
import static io.accrete.coordinator.recipe.Recipes.error;
import static io.accrete.coordinator.recipe.Recipes.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.protocol.job.Problem;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MethodCheckTest {
    /** Whole models, the first one being the base, with a value for every required parameter. */
    private static String models(String method, boolean base, int count) {
        StringBuilder text = new StringBuilder("merge_method: " + method + "\n");
        text.append(base ? "base_model: M0\n" : "");
        text.append("models:\n");
        for (int i = 0; i < count; i++) {
            text.append("  - model: M%d\n".formatted(i));
        }
        MethodTable.find(method).orElseThrow().parameters().stream()
                .filter(MethodParameter::required)
                .forEach(p -> text.append("parameters: {%s: 0.5}\n".formatted(p.name())));
        return text.toString();
    }

    @ParameterizedTest
    @CsvSource({
        "passthrough, false, 1", "linear, false, 1", "linear, true, 7", "slerp, true, 2",
        "nuslerp, false, 2", "nuslerp, true, 3", "multislerp, false, 1", "multislerp, true, 4",
        "karcher, false, 3", "model_stock, true, 3", "nearswap, true, 2", "arcee_fusion, true, 2",
        "sce, true, 1", "ram, true, 2", "ramplus_tl, true, 3", "task_arithmetic, true, 1",
        "ties, true, 2", "dare_linear, true, 2", "dare_ties, true, 2", "breadcrumbs, true, 2",
        "breadcrumbs_ties, true, 2", "della, true, 2", "della_linear, true, 2"
    })
    void methodsTakeTheirNumberOfModels(String method, boolean base, int count) {
        accepted(models(method, base, count));
    }

    @ParameterizedTest
    @CsvSource({
        "passthrough, false, 2", "slerp, true, 1", "slerp, true, 3", "nuslerp, false, 1",
        "nuslerp, true, 2", "nuslerp, true, 4", "model_stock, true, 2", "nearswap, true, 3",
        "arcee_fusion, true, 1", "multislerp, true, 1"
    })
    void anotherNumberIsRefused(String method, boolean base, int count) {
        Problem problem = error(models(method, base, count));
        assertThat(problem.code()).isEqualTo("RCP-025");
        assertThat(problem.message()).contains(method + " takes");
    }

    @ParameterizedTest
    @CsvSource({"slerp", "nearswap", "arcee_fusion", "model_stock", "ties", "della", "sce", "ram"})
    void aBaseModelIsNeeded(String method) {
        Problem problem = error(models(method, false, 3));
        assertThat(problem.code()).isEqualTo("RCP-025");
        assertThat(problem.message()).isEqualTo(method + " needs a base_model");
        assertThat(problem.line()).isEqualTo(1);
    }

    @Test
    void theModelsFormAddsABaseModelThatIsNotListed() {
        accepted("merge_method: slerp\nbase_model: B\nmodels: [{model: A}]\nparameters: {t: 1}");
        Problem problem = error("merge_method: passthrough\nbase_model: B\nmodels: [{model: A}]");
        assertThat(problem.message()).contains("exactly 1 model", "2 are given, base_model among");
    }

    @Test
    void anAddedBaseModelNeedsAWeightOfItsOwnInLinear() {
        String text =
                """
                merge_method: linear
                base_model: B
                models:
                  - {model: A, parameters: {weight: 1}}
                """;
        Problem problem = error(text);
        assertThat(problem.code()).isEqualTo("RCP-020");
        assertThat(problem.line()).isEqualTo(2);
        assertThat(problem.message()).contains("because it is the base_model");
        accepted(text + "parameters: {weight: 0.5}\n");
    }

    @Test
    void theSlicesFormDoesNotAddTheBaseModel() {
        String text =
                """
                merge_method: ties
                base_model: B
                slices:
                  - sources: [{model: A, layer_range: [0, 2], parameters: {weight: 1}}]
                """;
        Problem problem = error(text);
        assertThat(problem.code()).isEqualTo("RCP-025");
        assertThat(problem.line()).isEqualTo(4);
        accepted(text.replace("]\n", "]\n    base_model: A\n"));
    }

    @Test
    void aModelIsAnInputOnce() {
        String text =
                """
                merge_method: linear
                parameters: {weight: 1}
                slices:
                  - sources:
                      - {model: A, layer_range: [0, 2]}
                      - {model: A, layer_range: [2, 4]}
                """;
        assertThat(error(text).code()).isEqualTo("RCP-025");
        assertThat(error(text).line()).isEqualTo(6);
        accepted(text.replace("model: A, layer_range: [2", "model: A@r, layer_range: [2"));
    }

    @Test
    void sourcesOfASliceHaveEquallyManyLayers() {
        Problem problem =
                error(
                        """
                        merge_method: linear
                        parameters: {weight: 1}
                        slices:
                          - sources:
                              - {model: A, layer_range: [0, 2]}
                              - {model: B, layer_range: [0, 3]}
                        """);
        assertThat(problem.code()).isEqualTo("RCP-026");
        assertThat(problem.line()).isEqualTo(6);
        assertThat(problem.message()).contains("3 layers", "line 5, has 2");
    }

    @Test
    void aRequiredParameterIsNeededForEachModel() {
        Problem problem =
                error(
                        """
                        merge_method: linear
                        models:
                          - model: A
                          - {model: B, parameters: {weight: 1}}
                        """);
        assertThat(problem.code()).isEqualTo("RCP-020");
        assertThat(problem.line()).isEqualTo(3);
        assertThat(problem.message()).contains("'weight' for model 'A'");
    }

    @Test
    void theBaseModelOfATaskVectorMethodNeedsNoParameters() {
        accepted(
                """
                merge_method: ties
                base_model: A
                models:
                  - model: A
                  - {model: B, parameters: {weight: 1}}
                """);
    }

    @ParameterizedTest
    @CsvSource({
        "0.5, -0.5, true, false",
        "0.5, -0.5, false, true",
        "0, 0, true, false",
        "1, -0.5, true, true",
        "0.1, -0.1, yes, false"
    })
    void weightsThatAreDividedByTheirSumMustNotSumToZero(
            double a, double b, String normalize, boolean fine) {
        String text =
                """
                merge_method: linear
                parameters: {normalize: %s}
                models:
                  - {model: A, parameters: {weight: %s}}
                  - {model: B, parameters: {weight: %s}}
                """
                        .formatted(normalize, a, b);
        if (fine) {
            accepted(text);
        } else {
            assertThat(error(text).code()).isEqualTo("RCP-027");
            assertThat(error(text).message()).contains("sum to zero");
        }
    }

    @Test
    void normalizingIsTheDefaultOfLinear() {
        String text =
                """
                merge_method: linear
                models:
                  - {model: A, parameters: {weight: 1}}
                  - {model: B, parameters: {weight: -1}}
                """;
        assertThat(error(text).code()).isEqualTo("RCP-027");
    }

    @ParameterizedTest
    @CsvSource({
        "0.5, 0.6, false",
        "0.5, 0.5, false",
        "0.5, 0.3, true",
        "1, 0.9, true",
        "0, 0.9, true"
    })
    void dellasDensityAndEpsilonFitTogether(double density, double epsilon, boolean fine) {
        String text =
                "merge_method: della\nbase_model: A\nmodels:\n  - model: B\n    parameters:"
                        + " {weight: 1, density: %s, epsilon: %s}\n".formatted(density, epsilon);
        assertThat(read(text).hasErrors()).isEqualTo(!fine);
    }
}
