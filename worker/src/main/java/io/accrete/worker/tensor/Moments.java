package io.accrete.worker.tensor;

/**
 * A parameter that learns, with what AdamW knows of it; all of type F32 and changed in place.
 *
 * @param first running mean of the gradient
 * @param second running mean of its square
 * @param count steps that it has taken, a scalar
 */
public record Moments(Tensor parameter, Tensor first, Tensor second, Tensor count) {}
