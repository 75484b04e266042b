package io.accrete.worker.train;

import java.util.List;
import java.util.SortedMap;

/**
 * What a stage says after the passes of a step, before its weights move.
 *
 * @param losses of the micro-batches in order; empty from stages without the head
 * @param squares sum of squares of the gradient of each parameter that the stage owns, by name
 */
public record StageReport(List<MicroLoss> losses, SortedMap<String, Double> squares) {

    /**
     * Sums over the scored targets of a micro-batch.
     *
     * @param loss what is trained on
     * @param nll in nats; the loss itself where there is no teacher
     * @param kl divergence from the teacher at its temperature, in nats; 0 without one
     */
    public record MicroLoss(double loss, double nll, double kl) {}
}
