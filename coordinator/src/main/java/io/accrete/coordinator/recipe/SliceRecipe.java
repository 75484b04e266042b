package io.accrete.coordinator.recipe;

import io.accrete.coordinator.yaml.Located;
import io.accrete.coordinator.yaml.Position;

import java.util.List;
import java.util.Optional;

/**
 * A contiguous range of output layers and the sources that it is made of.
 *
 * @param baseModel overrides the recipe's for the arithmetic of this slice
 */
public record SliceRecipe(
        Position at,
        List<SourceRecipe> sources,
        Optional<Located<ModelName>> baseModel,
        Parameters parameters) {
    public SliceRecipe {
        sources = List.copyOf(sources);
    }
}
