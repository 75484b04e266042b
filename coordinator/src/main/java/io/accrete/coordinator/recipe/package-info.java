/** Text into recipes: YAML with positions, the recipe grammar, the table of merge methods. */
@NullMarked
package io.accrete.coordinator.recipe;

import org.jspecify.annotations.NullMarked;
