package io.accrete.coordinator.recipe;

import static io.accrete.coordinator.recipe.Recipes.accepted;
import static io.accrete.coordinator.recipe.Recipes.error;
import static io.accrete.coordinator.recipe.Recipes.slice;
import static io.accrete.coordinator.recipe.Recipes.slip;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.coordinator.yaml.Located;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenizerReaderTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tokenizer_source: union | union | false |",
                "tokenizer_source: base | base | false |",
                "tokenizer_source: org/name@r | org/name@r | false |",
                "tokenizer: {} | union | false |",
                "tokenizer: {source: {model: A}} | A | false |",
                "tokenizer: {source: base, pad_to_multiple_of: '16'} | base | false | 16",
                "tokenizer: {tokens: {<s>: {source: A, force: on}}} | union | true |",
                "tokenizer: {tokens: {<s>: {source: {kind: zero}}}} | union | true |",
                "tokenizer: {tokens: {a: {source: {kind: model_token, model: A, token: b}}}} |"
                        + " union | true |",
                "tokenizer: {tokens: {a: {source: {kind: model_token, model: A, token_id: 3}}}} |"
                        + " union | true |"
            })
    void bothFormsAreRead(String line, String source, boolean hasTokens, Integer multiple) {
        TokenizerRecipe tokenizer = accepted(slice("[0, 4]", line)).tokenizer().orElseThrow();
        assertThat(tokenizer.source().value()).isEqualTo(source);
        assertThat(tokenizer.hasTokens()).isEqualTo(hasTokens);
        assertThat(tokenizer.padToMultipleOf().map(Located::value).orElse(null))
                .isEqualTo(multiple);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tokenizer_source: base\ntokenizer: {source: base}",
                "tokenizer: {pad_to_multiple_of: 0}",
                "tokenizer: {pad_to_multiple_of: 1.5}",
                "tokenizer: {tokens: [a]}",
                "tokenizer: {tokens: {5: {source: A}}}",
                "tokenizer: {tokens: {a: {force: maybe}}}",
                "tokenizer: {tokens: {a: {source: {kind: one}}}}",
                "tokenizer: {tokens: {a: {source: {kind: model_token, model: A}}}}",
                "tokenizer: {tokens: {a: {source: {kind: model_token, model: A, token: b, token_id:"
                        + " 1}}}}",
                "tokenizer: {tokens: {a: {source: {kind: model_token, model: A, token_id: -1}}}}"
            })
    void otherRulesAreExplained(String lines) {
        assertThat(error(slice("[0, 4]", lines)).code()).isEqualTo("RCP-017");
    }

    @Test
    void aTokenizerIsAMapping() {
        assertThat(error(slice("[0, 4]", "tokenizer: union")).code()).isEqualTo("RCP-010");
    }

    @Test
    void theOldPrefixIsASlip() {
        assertThat(slip(slice("[0, 4]", "tokenizer_source: model:org/name")).fix())
                .isEqualTo("write 'org/name'");
    }
}
