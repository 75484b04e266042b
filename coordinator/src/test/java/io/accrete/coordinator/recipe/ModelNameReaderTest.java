package io.accrete.coordinator.recipe;

import static io.accrete.coordinator.recipe.Recipes.accepted;
import static io.accrete.coordinator.recipe.Recipes.error;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.coordinator.recipe.ModelName.Adapter;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.Optional;

class ModelNameReaderTest {
    private static String recipe(String model) {
        return "merge_method: passthrough\nmodels:\n  - model: " + model + "\n";
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "org/name | org/name | | |",
                "./a b/c | ./a b/c | | |",
                "org/name@main | org/name | main | |",
                "A@ | A | | |",
                "A+B | A | | B |",
                "A@1+B@2 | A | 1 | B | 2",
                "{model: A@1, lora: B@2} | A | 1 | B | 2",
                "{model: {path: A@x+y, revision: r}} | A@x+y | r | |",
                "{model: A+B} | A+B | | |",
                "{model: A, lora: {path: B}} | A | | B |"
            })
    void modelsHaveRevisionsAndAdapters(
            String text, String path, String revision, String lora, String loraRevision) {
        ModelName name =
                accepted(recipe(text)).modules().getFirst().models().getFirst().model().value();
        assertThat(name)
                .isEqualTo(
                        new ModelName(
                                path,
                                Optional.ofNullable(revision),
                                Optional.ofNullable(lora)
                                        .map(
                                                l ->
                                                        new Adapter(
                                                                l,
                                                                Optional.ofNullable(loraRevision))),
                                Optional.empty()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "A@b@c | more than one '@'",
                "A+B@c@d | more than one '@'",
                "A+B+C | 2 '+'",
                "+B | is empty",
                "'\"  \"' | is empty",
                "A+ | is empty",
                "5 | not by 5",
                "[A] | a list of 1",
                "{model: 5} | not 5",
                "2020-01-01 | the date"
            })
    void otherNamesAreExplained(String text, String message) {
        assertThat(error(recipe(text)).code()).isEqualTo("RCP-015");
        assertThat(error(recipe(text)).message()).contains(message);
        assertThat(error(recipe(text)).line()).isEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"'' | RCP-015", "{lora: B} | RCP-010", "{model: {revision: r}} | RCP-010"})
    void aPathIsNeeded(String text, String code) {
        assertThat(error(recipe(text.isEmpty() ? "''" : text)).code()).isEqualTo(code);
    }

    @ParameterizedTest
    @CsvSource("LlamaForCausalLM")
    void theArchitectureCanBeOverridden(String architecture) {
        String text = "{model: A, override_architecture: " + architecture + "}";
        assertThat(
                        accepted(recipe(text))
                                .modules()
                                .getFirst()
                                .models()
                                .getFirst()
                                .model()
                                .value()
                                .overrideArchitecture())
                .contains(architecture);
    }
}
