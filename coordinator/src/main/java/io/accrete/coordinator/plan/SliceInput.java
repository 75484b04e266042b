package io.accrete.coordinator.plan;

import io.accrete.coordinator.recipe.Parameters;
import io.accrete.coordinator.yaml.Position;

/**
 * A model's part in an output slice.
 *
 * @param firstLayer the layer that goes into the first layer of the slice
 * @param parameters what the recipe says of this model in this slice
 */
record SliceInput(Position at, CatalogModel model, int firstLayer, Parameters parameters) {}
