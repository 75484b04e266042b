/** Decides about training: job files, learning rates, schedules, cuts and plans. */
@NullMarked
package io.accrete.coordinator.train;

import org.jspecify.annotations.NullMarked;
