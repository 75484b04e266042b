package io.accrete.protocol.train;

import io.accrete.protocol.model.Projection;

import java.util.List;
import java.util.Optional;

/**
 * Low-rank adapters: {@code y = W x + (alpha / rank) B A x}, where A and B learn and W does not (Hu
 * et al. 2021).
 *
 * @param targets in the order of {@link Projection}
 * @param adapter folder in PEFT's format that A and B start from; without one B is zero
 */
public record LoraSettings(
        int rank, double alpha, List<Projection> targets, Optional<String> adapter) {
    public LoraSettings {
        targets = targets.stream().distinct().sorted().toList();
    }

    public double scale() {
        return alpha / rank;
    }
}
