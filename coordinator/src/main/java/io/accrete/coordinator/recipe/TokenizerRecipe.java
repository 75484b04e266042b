package io.accrete.coordinator.recipe;

import io.accrete.coordinator.yaml.Located;
import io.accrete.coordinator.yaml.Position;

import java.util.Optional;

/**
 * What the recipe says of the tokenizer, {@code tokenizer_source} and {@code tokenizer} alike.
 *
 * @param source {@code union}, {@code base} or a model
 * @param hasTokens whether rows are chosen token by token
 * @param padToMultipleOf of the vocabulary
 */
public record TokenizerRecipe(
        Position at,
        Located<String> source,
        boolean hasTokens,
        Optional<Located<Integer>> padToMultipleOf) {}
