package io.accrete.coordinator.train;

/**
 * What a site costs for one micro-batch; the first one with the embedding, the last one with the
 * last norm and the head.
 *
 * @param frozenBytes of tensors that do not learn, as they lie on disk
 * @param trained elements that learn and are kept here
 * @param copied elements that learn and are kept at another site
 * @param forwardFlops operations of a forward pass
 * @param backwardFlops operations of a backward pass, without recomputing
 * @param keptBytes activations that the backward pass needs
 * @param inputBytes of its input, where the backward pass begins with recomputing
 * @param castBytes frozen tensors as float32, while the site is computed
 * @param scoreBytes the scores of all tokens with their gradients, at the head
 */
record SiteCost(
        long frozenBytes,
        long trained,
        long copied,
        double forwardFlops,
        double backwardFlops,
        long keptBytes,
        long inputBytes,
        long castBytes,
        long scoreBytes) {

    boolean hasBackward() {
        return inputBytes > 0;
    }

    /** With more that waits for the backward pass. */
    SiteCost holding(long bytes) {
        return new SiteCost(
                frozenBytes,
                trained,
                copied,
                forwardFlops,
                backwardFlops,
                keptBytes + bytes,
                inputBytes + bytes,
                castBytes,
                scoreBytes);
    }

    SiteCost plus(SiteCost other) {
        return new SiteCost(
                frozenBytes + other.frozenBytes,
                trained + other.trained,
                copied + other.copied,
                forwardFlops + other.forwardFlops,
                backwardFlops + other.backwardFlops,
                keptBytes + other.keptBytes,
                Math.max(inputBytes, other.inputBytes),
                castBytes + other.castBytes,
                scoreBytes + other.scoreBytes);
    }
}
