/** Recipe and headers into a proven plan. Pure: no actor, file, clock, thread or logger. */
@NullMarked
package io.accrete.coordinator.plan;

import org.jspecify.annotations.NullMarked;
