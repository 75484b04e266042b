package io.accrete.coordinator.recipe;

import static io.accrete.coordinator.recipe.Recipes.accepted;
import static io.accrete.coordinator.recipe.Recipes.error;
import static io.accrete.coordinator.recipe.Recipes.read;
import static io.accrete.coordinator.recipe.Recipes.slip;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.coordinator.recipe.ParameterValue.Scalar;
import io.accrete.protocol.job.Problem;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ParameterTypingTest {
    /** A recipe whose method gets one parameter more, at the top level. */
    private static String recipe(String method, String parameter) {
        String given = method.equals("slerp") ? "t: 0.5" : "weight: 1";
        return "merge_method: %s\nbase_model: A\nmodels: [{model: A}, {model: B}]\n"
                        .formatted(method)
                + "parameters:\n"
                + (parameter.startsWith(given.substring(0, 2)) ? "" : "  " + given + "\n")
                + "  "
                + parameter
                + "\n";
    }

    private static Object value(String method, String parameter) {
        Parameters parameters = read(recipe(method, parameter)).documents().getFirst().parameters();
        String name = parameter.substring(0, parameter.indexOf(':'));
        return ((Scalar) parameters.value(name).orElseThrow().value()).raw();
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1",
        "0.5, 0.5",
        "5e-1, 0.5",
        "'\"0.25\"', 0.25",
        "yes, 1",
        "off, 0",
        "'\" 2 \"', 2",
        "1_000, 1000",
        "'\"1_0.5\"', 10.5",
        "1:30, 90",
        "-3, -3",
        "100000000000000000000, 1e20"
    })
    void numbersAreTakenFromWhatLooksLikeOne(String written, double value) {
        assertThat(value("linear", "weight: " + written)).isEqualTo(value);
    }

    @ParameterizedTest
    @ValueSource(strings = {"abc", "'1,5'", "''", "'1__0'", "0o10", "'0x10'", "1e", "'1f'"})
    void otherTextIsNotANumber(String written) {
        Problem problem = error(recipe("linear", "weight: " + written));
        assertThat(problem.code()).isEqualTo("RCP-021");
        assertThat(problem.message()).contains("'weight'", "must be a number");
        assertThat(problem.line()).isEqualTo(5);
    }

    @ParameterizedTest
    @CsvSource({
        "true, true",
        "no, false",
        "1, true",
        "0.0, false",
        "'\"Y\"', true",
        "'\"f\"', false",
        "'\"ON\"', true"
    })
    void flagsAreTakenFromWhatLooksLikeOne(String written, boolean value) {
        assertThat(value("linear", "normalize: " + written)).isEqualTo(value);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.7", "2", "maybe", "' true'", "-1"})
    void otherValuesAreNoFlag(String written) {
        Problem problem = error(recipe("linear", "normalize: " + written));
        assertThat(problem.code()).isEqualTo("RCP-021");
        assertThat(problem.fix()).isEqualTo("write true or false");
    }

    @Test
    void countsAreWhole() {
        String karcher = "merge_method: karcher\nmodels: [{model: A}]\nparameters: {max_iter: %s}";
        accepted(karcher.formatted("10.0"));
        accepted(karcher.formatted("'7'"));
        accepted(karcher.formatted("[5, 5]"));
        assertThat(error(karcher.formatted("6.5")).code()).isEqualTo("RCP-021");
        assertThat(error(karcher.formatted("[5, 10]")).message()).contains("gradient");
    }

    @ParameterizedTest
    @ValueSource(strings = {".nan", ".inf", "-.inf", "'nan'", "Infinity", "1.0e+39", "[1, .nan]"})
    void numbersMustBeFinite(String written) {
        Problem problem = error(recipe("linear", "weight: " + written));
        assertThat(problem.code()).isEqualTo("RCP-022");
        assertThat(problem.message()).contains("NaN");
    }

    @ParameterizedTest
    @CsvSource({
        "ties, density: 1.5",
        "ties, density: -0.1",
        "breadcrumbs, gamma: 2",
        "sce, select_topk: 3",
        "ties, 'density: [{filter: mlp, value: 2}, {value: 1}]'"
    })
    void sharesLieBetweenZeroAndOne(String method, String parameter) {
        String text = recipe(method, parameter);
        String recipe = method.equals("sce") ? text.replace("  weight: 1\n", "") : text;
        assertThat(error(recipe).code()).isEqualTo("RCP-022");
        assertThat(error(recipe).message()).contains("from 0 to 1");
    }

    @Test
    void anInterpolationBeyondItsEndsIsOnlyASlip() {
        assertThat(slip(recipe("slerp", "t: 1.5")).code()).isEqualTo("RCP-022");
        assertThat(slip(recipe("slerp", "t: [0, -0.5]")).message()).contains("extrapolated");
    }

    @ParameterizedTest
    @CsvSource({"lamda, lambda", "nomalize, normalize", "densty, density", "int8mask, int8_mask"})
    void misspeltParametersAreSlips(String name, String meant) {
        Problem problem = slip(recipe("ties", name + ": 1"));
        assertThat(problem.code()).isEqualTo("RCP-019");
        assertThat(problem.fix()).isEqualTo("did you mean '" + meant + "'?");
    }

    @Test
    void parametersOfOtherMethodsAreSlips() {
        Problem problem = slip(recipe("slerp", "normalize: true"));
        assertThat(problem.message()).contains("slerp takes t", "it belongs to linear,");
    }

    @Test
    void aSharedParameterUnderAModelHasNoEffect() {
        String text =
                """
                merge_method: slerp
                base_model: A
                models:
                  - model: A
                  - {model: B, parameters: {t: 0.5}}
                """;
        assertThat(read(text).problems())
                .extracting(Problem::code)
                .containsExactlyInAnyOrder("RCP-020", "RCP-023");
        assertThat(slip(text + "parameters: {t: 0.3}\n").code()).isEqualTo("RCP-023");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "weight:",
                "weight: 2020-01-01",
                "weight: [1, [2]]",
                "weight: [1, ~]",
                "weight: {filter: mlp}",
                "weight: [{filter: mlp, value: 1}, 2]",
                "weight: {value: {value: 1}}",
                "weight: {value: [[1]]}"
            })
    void otherFormsAreExplained(String parameter) {
        assertThat(error(recipe("linear", parameter)).code()).isEqualTo("RCP-024");
    }

    @Test
    void valuesBehindOneThatAlwaysHoldsAreNeverUsed() {
        String text = "weight: [{value: 1}, {filter: mlp, value: 2}]";
        assertThat(slip(recipe("linear", text)).code()).isEqualTo("RCP-024");
        accepted(recipe("linear", "weight: [{filter: mlp, value: 2}, {value: 1}]"));
    }

    @Test
    void anEmptyGradientCountsAsNotWritten() {
        assertThat(read(recipe("linear", "weight: []")).problems())
                .extracting(Problem::code)
                .containsOnly("RCP-024", "RCP-020");
    }

    @Test
    void aParameterNameIsText() {
        assertThat(error(recipe("linear", "5: 1")).code()).isEqualTo("RCP-024");
    }

    @Test
    void aValueWithAnErrorDoesNotHideOtherMistakes() {
        String text =
                """
                merge_method: linear
                models:
                  - {model: A, parameters: {weight: abc}}
                  - {model: B, parameters: {weight: [[1]]}}
                  - model: C
                """;
        assertThat(read(text).problems())
                .extracting(Problem::code)
                .containsExactly("RCP-021", "RCP-024", "RCP-020");
    }
}
