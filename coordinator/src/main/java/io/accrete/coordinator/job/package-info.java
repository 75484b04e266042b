/** The life of a job as a pure fold over its events, and the actors that journal them. */
@NullMarked
package io.accrete.coordinator.job;

import org.jspecify.annotations.NullMarked;
