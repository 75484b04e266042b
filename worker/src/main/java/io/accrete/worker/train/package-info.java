/** Stages of a pipeline that trains a model: steps, their gradients and updates, checkpoints. */
@NullMarked
package io.accrete.worker.train;

import org.jspecify.annotations.NullMarked;
