package io.accrete.coordinator.recipe;

import static io.accrete.coordinator.recipe.Recipes.accepted;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ParameterLookupTest {
    private static final MergeMethod LINEAR = MethodTable.find("linear").orElseThrow();
    private static final MergeMethod PASSTHROUGH = MethodTable.find("passthrough").orElseThrow();

    /** Levels from the top to the source, each the inside of a parameters map. */
    private static ParameterLookup lookup(
            MergeMethod method, String top, String module, String slice, String source) {
        MergeRecipe recipe =
                accepted(
                        """
                        merge_method: %s
                        parameters: {%s}
                        modules:
                          default:
                            parameters: {%s}
                            slices:
                              - sources: [{model: A, layer_range: [0, 3], parameters: {%s}}]
                                parameters: {%s}
                        """
                                .formatted(method.name(), top, module, source, slice));
        ModuleRecipe read = recipe.modules().getFirst();
        SliceRecipe first = read.slices().getFirst();
        return ParameterLookup.ofInput(
                method, recipe, read, first.parameters(), first.sources().getFirst().parameters());
    }

    private static double scale(String value, String tensor, double t) {
        return lookup(PASSTHROUGH, "", "", "", "scale: " + value)
                .number("scale", tensor, t)
                .orElse(Double.NaN);
    }

    @Test
    void theMostSpecificLevelDecides() {
        assertThat(level("scale: 1", "scale: 2", "scale: 3", "scale: 4")).isEqualTo(4);
        assertThat(level("scale: 1", "scale: 2", "scale: 3", "")).isEqualTo(3);
        assertThat(level("scale: 1", "scale: 2", "", "")).isEqualTo(2);
        assertThat(level("scale: 1", "", "", "")).isEqualTo(1);
    }

    private static double level(String top, String module, String slice, String source) {
        return lookup(PASSTHROUGH, top, module, slice, source)
                .number("scale", "a", 0)
                .orElseThrow();
    }

    @Test
    void withoutAnyLevelTheDefaultHoldsIfThereIsOne() {
        ParameterLookup lookup = lookup(LINEAR, "weight: 1", "", "", "");
        assertThat(lookup.flag("normalize", "a", 0)).contains(true);
        assertThat(lookup.find("normalize", "a", 0)).isEmpty();
        assertThat(lookup(PASSTHROUGH, "", "", "", "").number("scale", "a", 0)).isEmpty();
    }

    @Test
    void aLevelWithoutMatchingFilterIsSkipped() {
        ParameterLookup lookup =
                lookup(
                        PASSTHROUGH,
                        "scale: 16",
                        "",
                        "scale: [{filter: up_proj, value: 4}, {filter: gate_proj, value: 5}]",
                        "scale: [{filter: up_proj, value: 2}]");
        assertThat(lookup.number("scale", "mlp.up_proj.weight", 0)).hasValue(2);
        assertThat(lookup.number("scale", "mlp.gate_proj.weight", 0)).hasValue(5);
        assertThat(lookup.number("scale", "mlp.down_proj.weight", 0)).hasValue(16);
    }

    @ParameterizedTest
    @CsvSource({
        "model.layers.1.mlp.up_proj.weight, 1",
        "model.layers.10.mlp.up_proj.weight, 1",
        "model.layers.2.mlp.up_proj.weight, 2",
        "model.layers.2.self_attn.q_proj.weight, 3"
    })
    void filtersArePartsOfTheNameAndTheFirstMatchDecides(String tensor, double value) {
        String written =
                "[{filter: layers.1, value: 1}, {filter: mlp, value: 2}, {filter: '*', value: 3}]";
        assertThat(scale(written, tensor, 0)).isEqualTo(value);
    }

    @Test
    void aBareConditionIsAListOfOne() {
        assertThat(scale("{filter: mlp, value: 0.5}", "x.mlp.y", 0)).isEqualTo(0.5);
        assertThat(scale("{filter: mlp, value: 0.5}", "x.attn.y", 0)).isNaN();
        assertThat(scale("{value: 0.5}", "x.attn.y", 0)).isEqualTo(0.5);
    }

    @ParameterizedTest
    @CsvSource({
        "'[0, 1]', 0, 0", "'[0, 1]', 1, 1", "'[0, 1]', 0.25, 0.25",
                "'[0, 0.5, 0.3, 0.7, 1]', 0.5, 0.3",
        "'[0, 0.5, 0.3, 0.7, 1]', 0.6, 0.46", "[7], 0.3, 7", "'[1, no]', 0.5, 0.5",
                "'[5e-1, 1]', 0, 0.5"
    })
    void gradientsAreInterpolated(String written, double t, double value) {
        assertThat(scale(written, "a", t))
                .isEqualTo(value, org.assertj.core.api.Assertions.within(1e-15));
    }

    @Test
    void interpolationIsThatOfMergekitToTheLastBit() {
        double t = 2.0 / 7;
        double part = t * 2 - 0;
        assertThat(scale("[0.1, 0.7, 0.2]", "a", t)).isEqualTo((1 - part) * 0.1 + part * 0.7);
    }

    @Test
    void gradientsMayStandBehindFilters() {
        assertThat(scale("[{filter: mlp, value: [2, 4]}, {value: 1}]", "a.mlp", 0.5)).isEqualTo(3);
        assertThat(scale("[{filter: mlp, value: [2, 4]}, {value: 1}]", "a.attn", 0.5)).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"0, true", "0.4, true", "0.5, false", "0.9, false", "1, true"})
    void gradientsOfFlagsPickAnElement(double t, boolean value) {
        ParameterLookup lookup = lookup(LINEAR, "weight: 1, normalize: [yes, no, yes]", "", "", "");
        assertThat(lookup.flag("normalize", "a", t)).contains(value);
    }

    @Test
    void aValueKnowsWhereItWasWritten() {
        ParameterLookup lookup =
                lookup(PASSTHROUGH, "", "", "", "scale: [{filter: mlp, value: 3}]");
        assertThat(lookup.find("scale", "mlp", 0).orElseThrow().at().line()).isEqualTo(7);
    }

    @Test
    void anEmptyGradientIsSkipped() {
        ParsedRecipe parsed =
                Recipes.read(
                        """
                        merge_method: passthrough
                        parameters: {scale: 3}
                        models:
                          - {model: A, parameters: {scale: []}}
                        """);
        MergeRecipe recipe = parsed.documents().getFirst();
        ModuleRecipe module = recipe.modules().getFirst();
        assertThat(
                        ParameterLookup.ofInput(
                                        PASSTHROUGH,
                                        recipe,
                                        module,
                                        Parameters.NONE,
                                        module.models().getFirst().parameters())
                                .number("scale", "a", 0))
                .hasValue(3);
    }

    @Test
    void sharedParametersDoNotLookAtSources() {
        MergeRecipe recipe =
                Recipes.read(
                                """
                                merge_method: linear
                                models:
                                  - {model: A, parameters: {weight: 1, normalize: false}}
                                """)
                        .documents()
                        .getFirst();
        ParameterLookup lookup =
                ParameterLookup.shared(
                        LINEAR, recipe, recipe.modules().getFirst(), Parameters.NONE);
        assertThat(lookup.flag("normalize", "a", 0)).contains(true);
    }
}
