package io.accrete.coordinator.recipe;

import static io.accrete.coordinator.recipe.Recipes.accepted;
import static io.accrete.coordinator.recipe.Recipes.error;
import static io.accrete.coordinator.recipe.Recipes.read;
import static io.accrete.coordinator.recipe.Recipes.slice;
import static io.accrete.coordinator.recipe.Recipes.slip;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.coordinator.yaml.Located;
import io.accrete.coordinator.yaml.Position;
import io.accrete.protocol.job.Problem;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.List;

class RecipeReaderTest {
    @Test
    void aSliceHasSourcesWithPlaces() {
        MergeRecipe recipe = accepted(slice("[0, 4]"));
        assertThat(recipe.method().value()).isEqualTo("passthrough");
        SourceRecipe source = recipe.modules().getFirst().slices().getFirst().sources().getFirst();
        assertThat(source.model().value().path()).isEqualTo("A");
        assertThat(source.layers().orElseThrow().value()).isEqualTo(new LayerRange(0, 4));
        assertThat(source.layers().orElseThrow().at())
                .isEqualTo(new Position("r.yml", 5, 22, "        layer_range: [0, 4]"));
    }

    @Test
    void everyKeyOfMergekitIsKnown() {
        MergeRecipe recipe =
                accepted(
                        """
                        merge_method: linear
                        base_model: A@main
                        dtype: torch.bfloat16
                        out_dtype: float16
                        chat_template: chatml
                        tokenizer: {source: base, pad_to_multiple_of: 16}
                        parameters: {normalize: off}
                        name: n
                        modules:
                          default:
                            parameters: {weight: 1}
                            slices:
                              - sources:
                                  - {model: A@main, layer_range: [0, 1], parameters: {weight: 2}}
                                base_model: B+C@r
                                parameters: {weight: [1, 2]}
                          other:
                            models: [{model: A@main, parameters: {weight: 0.5}}]
                        """);
        assertThat(recipe.modules())
                .extracting(m -> m.name().value())
                .containsExactly("default", "other");
        assertThat(recipe.dtype().map(Located::value)).contains("bfloat16");
        assertThat(recipe.outDtype().map(Located::value)).contains("float16");
        assertThat(recipe.baseModel().flatMap(b -> b.value().revision())).contains("main");
        assertThat(recipe.tokenizer().map(t -> t.source().value())).contains("base");
    }

    @Test
    void keysWithoutValueCountAsAbsent() {
        accepted(slice("[0, 4]", "base_model:", "dtype: ~", "parameters: null", "tokenizer:"));
    }

    @Test
    void quirksOfYaml11Hold() {
        MergeRecipe recipe =
                read("""
                x-common: &common {model: A}
                merge_method: linear
                merge_method: passthrough
                slices:
                  - sources:
                      - <<: *common
                        layer_range: ["2", 5.0]
                        parameters: {scale: [{filter: a, value: 5e-1}, {value: yes}]}
                """)
                        .documents()
                        .getFirst();
        SourceRecipe source = recipe.modules().getFirst().slices().getFirst().sources().getFirst();
        assertThat(source.layers().orElseThrow().value()).isEqualTo(new LayerRange(2, 5));
        assertThat(source.parameters().values()).containsKey("scale");
        assertThat(recipe.method().value()).isEqualTo("passthrough");
    }

    @ParameterizedTest
    @CsvSource({
        "dtpye: float16, did you mean 'dtype'?",
        "parametres: {}, did you mean 'parameters'?",
        "normalize: true, move it under `parameters`",
        "layer_range: [0], move it beside `model` in an entry of `sources`",
        "nomalize: true, did you mean 'normalize'? then move it under `parameters`",
        "layer_rnge: 1, did you mean 'layer_range'? then move it beside `model` in an entry of"
                + " `sources`",
        "foo: 1, remove it"
    })
    void unknownKeysOfTheTopLevelAreSlips(String line, String fix) {
        Problem problem = slip(slice("[0, 4]", line));
        assertThat(problem.code()).isEqualTo("RCP-009");
        assertThat(problem.line()).isEqualTo(2);
        assertThat(problem.column()).isEqualTo(1);
        assertThat(problem.fix()).isEqualTo(fix);
    }

    @Test
    void unknownKeysOfEveryLevelAreSlips() {
        String text =
                """
                merge_method: linear
                modules:
                  default:
                    foo1: 1
                    slices:
                      - foo2: 1
                        sources:
                          - model: {model: {path: A, foo3: 1}, foo4: 1}
                            weight: 1
                            layer_range: [0, 1]
                            parameters: {weight: {filter: a, value: 1, foo5: 1}}
                tokenizer: {source: base, foo6: 1, tokens: {a: {foo7: 1}}}
                """;
        assertThat(read(text).problems())
                .hasSize(8)
                .allMatch(p -> p.code().equals("RCP-009") && !p.isError());
        assertThat(RecipeReader.read("r.yml", text, true).problems()).allMatch(Problem::isError);
    }

    @Test
    void aWeightBesideTheRangeBelongsUnderParameters() {
        Problem problem = slip(slice("[0, 4]\n        scale: 2"));
        assertThat(problem.fix()).isEqualTo("move it under `parameters`");
    }

    @Test
    void keysThatMergekitDoesNotReadAreCalledDead() {
        assertThat(slip(slice("[0, 4]", "embed_slerp: true")).code()).isEqualTo("RCP-028");
        assertThat(slip(slice("[0, 4]\n    residual_weight: 0.5")).code()).isEqualTo("RCP-028");
    }

    @Test
    void aKeyThatIsGivenTwiceIsASlip() {
        Problem problem = slip(slice("[0, 4]", "dtype: float32", "dtype: float16"));
        assertThat(problem.code()).isEqualTo("RCP-006");
        assertThat(problem.message()).contains("'dtype'", "line 2", "line 3");
    }

    @ParameterizedTest
    @CsvSource({
        "merge_method: lineer, RCP-012, did you mean 'linear'?",
        "merge_method: SLERP, RCP-012, did you mean 'slerp'?",
        "merge_method: dare-ties, RCP-012, did you mean 'dare_ties'?",
        "merge_method: xyzzy, RCP-012, choose one of these methods",
        "merge_method: rcz, RCP-012, choose one of these methods"
    })
    void unknownMethods(String line, String code, String fix) {
        Problem problem = error(line + "\nmodels: [{model: A}]");
        assertThat(problem.code()).isEqualTo(code);
        assertThat(problem.line()).isEqualTo(1);
        assertThat(problem.column()).isEqualTo(15);
        assertThat(problem.message()).contains("passthrough, linear, slerp");
        assertThat(problem.fix()).isEqualTo(fix);
    }

    @ParameterizedTest
    @ValueSource(strings = {"x-a: 1", "merge_method: 5", "merge_method:", "merge_method: [a]"})
    void aMethodMustBeNamed(String line) {
        assertThat(error(line + "\nmodels: [{model: A}]").code()).isEqualTo("RCP-011");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "dtype: float16",
                "models: []",
                "slices: []\nmodels: []",
                "slices: [{sources: [{model: A, layer_range: [0, 1]}]}]\nmodels: [{model: A}]",
                "modules: {default: {parameters: {}}}",
                "modules: {default: {models: [{model: A}], slices: [{sources:"
                        + " [{model: A, layer_range: [0, 1]}]}]}}"
            })
    void thereIsExactlyOneForm(String rest) {
        assertThat(error("merge_method: passthrough\n" + rest).code()).isEqualTo("RCP-013");
    }

    @Test
    void anEmptyFormBesideAnotherCountsAsAbsent() {
        accepted(slice("[0, 4]", "models: []"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "slices: 5",
                "slices: {sources: []}",
                "slices: [5]",
                "slices: [{}]",
                "slices: [{sources: A}]",
                "models: [A]",
                "models: [{parameters: {}}]",
                "modules: [default]",
                "modules: {default: 5}"
            })
    void valuesOfTheWrongKindSayWhatIsAllowed(String rest) {
        Problem problem = error("merge_method: passthrough\n" + rest);
        assertThat(problem.code()).isEqualTo("RCP-010");
        assertThat(problem.fix()).isNotBlank();
    }

    @ParameterizedTest
    @CsvSource({
        "bfloat, did you mean 'bfloat16'?",
        "fp16, did you mean 'float16'?",
        "half, did you mean 'float16'?",
        "Float16, did you mean 'float16'?",
        "torch.floatt32, did you mean 'float32'?",
        "q4, choose one of these"
    })
    void unknownDtypes(String name, String fix) {
        for (String key : List.of("dtype", "out_dtype")) {
            Problem problem = error(slice("[0, 4]", key + ": " + name));
            assertThat(problem.code()).isEqualTo("RCP-016");
            assertThat(problem.message()).contains("bfloat16, float16, float32, float64, int64");
            assertThat(problem.fix()).isEqualTo(fix);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "chatmll, did you mean 'chatml'?",
        "x, 'choose one of these names, or paste the template'"
    })
    void unknownChatTemplates(String name, String fix) {
        Problem problem = error(slice("[0, 4]", "chat_template: " + name));
        assertThat(problem.code()).isEqualTo("RCP-018");
        assertThat(problem.fix()).isEqualTo(fix);
    }

    @ParameterizedTest
    @ValueSource(strings = {"auto", "llama3", "\"{% for m in messages %}{{ m }}{% endfor %}\""})
    void knownChatTemplates(String name) {
        accepted(slice("[0, 4]", "chat_template: " + name));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "# only a comment\n", "---\n---\n", "just text", "- a\n- b", "5"})
    void aRecipeIsAMapping(String text) {
        assertThat(error(text).code()).isEqualTo("RCP-007");
    }

    @Test
    void aListOfSourcesIsToldHowToBecomeARecipe() {
        assertThat(error("- model: A\n  layer_range: [0, 4]\n").fix()).contains("slices");
    }

    @ParameterizedTest
    @CsvSource({
        "'base_model: A\nexperts: [{source_model: B}]', mergekit-moe",
        "'base_model: A\ngate_mode: random', mergekit-moe",
        "'genome: {models: [A]}', mergekit-evolve",
        "'{\"architectures\": [\"L\"], \"model_type\": \"llama\"}', configuration of a model"
    })
    void filesOfOtherToolsAreNamed(String text, String name) {
        Problem problem = error(text);
        assertThat(problem.code()).isEqualTo("RCP-008");
        assertThat(problem.message()).contains(name);
    }

    @Test
    void allProblemsAreFoundAtOnceInTheOrderOfTheText() {
        String text =
                """
                dtype: fp8
                merge_method: linear
                slices:
                  - sources:
                      - model: A@b@c
                        layer_range: [0]
                      - model: B
                        layer_range: [3, 1]
                        parameters: {weight: abc, lamda: 1}
                chat_template: x
                """;
        assertThat(read(text).problems())
                .extracting(Problem::code)
                .containsExactly("RCP-016", "RCP-015", "RCP-014", "RCP-014", "RCP-018");
    }

    @Test
    void aFileMayHaveSeveralRecipesWithNames() {
        ParsedRecipe parsed =
                read("name: a\n" + slice("[0, 1]") + "---\n" + slice("[1, 2]") + "---\n");
        assertThat(parsed.problems()).isEmpty();
        assertThat(parsed.documents()).hasSize(2);
        assertThat(parsed.documents().get(1).at().line()).isEqualTo(8);
    }

    @Test
    void recipesOfOneFileHaveDifferentNames() {
        String named = "name: a\n" + slice("[0, 1]");
        assertThat(error(named + "---\n" + named).code()).isEqualTo("RCP-029");
        assertThat(error(slice("[0, 1]") + "---\n" + slice("[0, 1]")).message())
                .contains("no name");
    }

    @Test
    void anAliasBombInAKeyThatCountsIsRefusedAndUnderAnUnknownKeyIsASlip() {
        StringBuilder bomb = new StringBuilder("x-0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1]\n");
        for (int i = 1; i < 40; i++) {
            bomb.append("x-%d: &a%d [".formatted(i, i));
            bomb.append("*a%d, ".formatted(i - 1).repeat(9)).append("]\n");
        }
        assertThat(slip(bomb + "foo: *a39\n" + slice("[0, 4]")).code()).isEqualTo("RCP-009");
        assertThat(error(bomb + "parameters: {scale: *a39}\n" + slice("[0, 4]")).code())
                .isEqualTo("RCP-004");
    }

    @Test
    void manyProblemsAreCutAndTheRestCounted() {
        String text =
                "merge_method: passthrough\nslices:\n"
                        + "  - sources: [{model: A, layer_range: [2, 1]}]\n".repeat(1_000);
        ParsedRecipe parsed = read(text);
        assertThat(parsed.problems()).hasSize(201);
        assertThat(parsed.problems().getLast().message())
                .isEqualTo("800 further errors and 0 further warnings are not listed");
    }

    @Test
    void warningsDoNotHideErrors() {
        String text =
                "merge_method: passthrough\nslices:\n"
                        + "  - {foo: 1, sources: [{model: A, layer_range: [0, 1]}]}\n".repeat(500)
                        + "  - sources: [{model: A, layer_range: [2, 1]}]\n";
        assertThat(read(text).hasErrors()).isTrue();
        assertThat(read(text).problems()).anyMatch(p -> p.code().equals("RCP-014"));
    }

    @Test
    void controlCharactersOfARecipeNeverReachATerminal() {
        String text = slice("[0, 4]", "\"\\e[31mfoo\": 1", "merge_method: \"\\e]0;x\\a\"");
        assertThat(read(text).problems())
                .isNotEmpty()
                .allMatch(p -> p.render().chars().noneMatch(c -> c == 27 || c == 7));
    }
}
