package io.accrete.worker.nn;

import io.accrete.worker.tensor.Tensor;

/**
 * A tensor of a model under its global name.
 *
 * @param value the master, of type F32, if it learns; else mapped, in the type of its file
 * @param learns whether its gradient is wanted
 */
public record Parameter(String name, Tensor value, boolean learns) {}
