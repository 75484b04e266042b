package io.accrete.protocol.train;

/**
 * Sums over the scored targets of a micro-batch.
 *
 * @param loss what is trained on
 * @param nll in nats; the loss itself where there is no teacher
 * @param kl divergence from the teacher at its temperature, in nats; 0 without one
 * @param hidden squared distance of states from the teacher's, relative to these; 0 where none are
 *     matched
 */
public record MicroLoss(double loss, double nll, double kl, double hidden) {
    MicroLoss plus(MicroLoss other) {
        return new MicroLoss(
                loss + other.loss, nll + other.nll, kl + other.kl, hidden + other.hidden);
    }
}
