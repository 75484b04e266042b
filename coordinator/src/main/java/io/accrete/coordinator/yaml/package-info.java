/** YAML with positions, and the log of what is wrong with a text. */
@NullMarked
package io.accrete.coordinator.yaml;

import org.jspecify.annotations.NullMarked;
