package io.accrete.coordinator.recipe;

import io.accrete.coordinator.yaml.Located;
import io.accrete.coordinator.yaml.Position;

import java.util.List;
import java.util.Optional;

/**
 * A mergekit recipe that is well formed by itself: its keys are known or reported, its values have
 * the right types, and its method takes the parameters that it is given. Nothing is known yet of
 * the models that it names.
 *
 * @param at start of the document
 * @param modules one, named {@code default}, unless the recipe uses the {@code modules} form
 * @param text the whole recipe as it was read
 */
public record MergeRecipe(
        Position at,
        Located<String> method,
        List<ModuleRecipe> modules,
        Optional<Located<ModelName>> baseModel,
        Optional<Located<String>> dtype,
        Optional<Located<String>> outDtype,
        Parameters parameters,
        Optional<TokenizerRecipe> tokenizer,
        Optional<Located<String>> chatTemplate,
        Optional<Located<String>> name,
        String text) {
    public MergeRecipe {
        modules = List.copyOf(modules);
    }
}
