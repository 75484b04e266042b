package io.accrete.protocol.train;

/**
 * Sums over the scored targets of a micro-batch.
 *
 * @param loss what is trained on
 * @param nll in nats; the loss itself where there is no teacher
 * @param kl divergence from the teacher at its temperature, in nats; 0 without one
 */
public record MicroLoss(double loss, double nll, double kl) {}
