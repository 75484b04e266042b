/** Drives a merge from its recipe to the published folder. */
@NullMarked
package io.accrete.coordinator.merge;

import org.jspecify.annotations.NullMarked;
