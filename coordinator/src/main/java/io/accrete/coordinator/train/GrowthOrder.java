package io.accrete.coordinator.train;

import io.accrete.protocol.train.TrainJob;

import java.util.List;
import java.util.Optional;

/**
 * Whether a job that repeats layers has all others as well, in their order. Only then is the model
 * without its clones its base, which clones that add nothing leave as it was.
 */
final class GrowthOrder {
    private GrowthOrder() {}

    /**
     * What keeps the sites of a job from being a growth, as a sentence; empty where they are one,
     * and where nothing is repeated.
     *
     * @param layers of the model that it names
     */
    static Optional<String> objection(TrainJob job, int layers) {
        boolean repeats = job.sites().stream().distinct().count() < job.sites().size();
        return repeats ? otherLayers(job, layers) : Optional.empty();
    }

    /**
     * What keeps the sites of a job, without their copies, from being the model that it names;
     * empty where it names no sites.
     */
    static Optional<String> otherLayers(TrainJob job, int layers) {
        if (job.sites().isEmpty()) {
            return Optional.empty();
        }
        List<Integer> firsts = job.sites().stream().distinct().toList();
        for (int layer = 0; layer < layers; layer++) {
            if (!firsts.contains(layer)) {
                return Optional.of("layer %d is left out".formatted(layer));
            }
            if (firsts.get(layer) != layer) {
                return Optional.of(
                        "layer %d stands before layer %d".formatted(firsts.get(layer), layer));
            }
        }
        return Optional.empty();
    }
}
