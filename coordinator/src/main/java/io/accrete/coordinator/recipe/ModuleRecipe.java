package io.accrete.coordinator.recipe;

import io.accrete.coordinator.yaml.Located;

import java.util.List;

/**
 * One module of the output. Exactly one of {@code slices} and {@code models} has entries; the
 * {@code models} form is one slice over all layers of each model.
 *
 * @param name {@code default} where the recipe does not use the {@code modules} form
 */
public record ModuleRecipe(
        Located<String> name,
        List<SliceRecipe> slices,
        List<SourceRecipe> models,
        Parameters parameters) {
    public ModuleRecipe {
        slices = List.copyOf(slices);
        models = List.copyOf(models);
    }
}
