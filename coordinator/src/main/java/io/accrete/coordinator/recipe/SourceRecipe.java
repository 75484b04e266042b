package io.accrete.coordinator.recipe;

import io.accrete.coordinator.yaml.Located;
import io.accrete.coordinator.yaml.Position;

import java.util.Optional;

/**
 * One input of a slice.
 *
 * @param layers absent in the {@code models} form: all layers of the model
 */
public record SourceRecipe(
        Position at,
        Located<ModelName> model,
        Optional<Located<LayerRange>> layers,
        Parameters parameters) {}
