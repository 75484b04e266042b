package io.accrete.coordinator.recipe;

import static io.accrete.coordinator.recipe.Recipes.accepted;
import static io.accrete.coordinator.recipe.Recipes.error;
import static io.accrete.coordinator.recipe.Recipes.slice;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.protocol.job.Problem;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LayerRangeReaderTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "[0, 4]",
                "['0', '4']",
                "[0.0, 4.0]",
                "[00, 04]",
                "[' 0', \"4.0\"]",
                "[no, 4]"
            })
    void wholeNumbersHaveSeveralSpellings(String range) {
        SourceRecipe source =
                accepted(slice(range))
                        .modules()
                        .getFirst()
                        .slices()
                        .getFirst()
                        .sources()
                        .getFirst();
        assertThat(source.layers().orElseThrow().value()).isEqualTo(new LayerRange(0, 4));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "| needs a layer_range",
                "~ | needs a layer_range",
                "all | is 'all'",
                "0-4 | is '0-4'",
                "'\"[0, 4]\"' | is '[0, 4]'",
                "4 | is 4;",
                "{start: 0} | a mapping",
                "[] | an empty list",
                "[3] | a list of 1",
                "[0, 5, 1] | a list of 3",
                "[0, 2.5] | has 2.5",
                "[0, x] | has 'x'",
                "[0, ~] | has nothing",
                "[0, [4]] | has a list of 1",
                "[-1, 3] | has -1: layers are counted from 0",
                "[0, -1] | has -1: layers are counted from 0",
                "[0, 99999999999] | beyond any model",
                "[4, 1] | is reversed"
            })
    void otherRangesAreExplained(String range, String message) {
        Problem problem = error(slice(range == null ? "" : range));
        assertThat(problem.code()).isEqualTo("RCP-014");
        assertThat(problem.line()).isEqualTo(5);
        assertThat(problem.message()).contains(message);
    }

    @Test
    void aMissingRangeIsReportedAtItsSource() {
        Problem problem =
                error("merge_method: passthrough\nslices:\n  - sources:\n      - model: A\n");
        assertThat(problem.code()).isEqualTo("RCP-014");
        assertThat(problem.line()).isEqualTo(4);
    }

    @Test
    void anEmptyRangeMayChooseTheDonorOfTheLastNorm() {
        accepted(slice("[0, 4]\n  - sources: [{model: B, layer_range: [2, 2]}]"));
    }

    @Test
    void notAllRangesMayBeEmpty() {
        assertThat(error(slice("[2, 2]")).code()).isEqualTo("RCP-030");
    }
}
