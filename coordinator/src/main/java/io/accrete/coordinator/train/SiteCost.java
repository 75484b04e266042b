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
 * @param keptBytes what the backward pass needs: activations, and what does not learn as float32
 * @param inputBytes of its input, where the backward pass begins with recomputing
 * @param passingBytes the most that a pass takes beside what is kept
 * @param scoringBytes the same of the head, where what is kept of its site is still there
 * @param largestTrained elements of the largest tensor that learns
 */
record SiteCost(
        long frozenBytes,
        long trained,
        long copied,
        double forwardFlops,
        double backwardFlops,
        long keptBytes,
        long inputBytes,
        long passingBytes,
        long scoringBytes,
        long largestTrained) {
    static final SiteCost NONE = new SiteCost(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

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
                passingBytes,
                scoringBytes,
                largestTrained);
    }

    /** Both at one site, one after the other; inputs are not added up. */
    SiteCost plus(SiteCost other) {
        return new SiteCost(
                frozenBytes + other.frozenBytes,
                trained + other.trained,
                copied + other.copied,
                forwardFlops + other.forwardFlops,
                backwardFlops + other.backwardFlops,
                keptBytes + other.keptBytes,
                Math.max(inputBytes, other.inputBytes),
                Math.max(passingBytes, other.passingBytes),
                scoringBytes + other.scoringBytes,
                Math.max(largestTrained, other.largestTrained));
    }
}
