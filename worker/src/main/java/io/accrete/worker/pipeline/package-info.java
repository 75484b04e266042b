/** Hosts of stages: they do what the driver of a training commands while their lease lasts. */
@NullMarked
package io.accrete.worker.pipeline;

import org.jspecify.annotations.NullMarked;
