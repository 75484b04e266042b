package io.accrete.coordinator.recipe;

import java.util.List;
import java.util.Optional;

/** The sum of weights that a method divides by. */
final class WeightSum {
    private WeightSum() {}

    /** The flag that makes a method divide by it, if the method can. */
    static Optional<String> normalizedBy(MergeMethod method) {
        return switch (method.name()) {
            case "linear" -> Optional.of("normalize");
            case "multislerp" -> Optional.of("normalize_weights");
            default -> Optional.empty();
        };
    }

    /** Whether it is zero, added up in order as 32-bit numbers. */
    static boolean vanishes(List<Double> weights) {
        float sum = 0;
        for (double weight : weights) {
            sum += (float) weight;
        }
        return sum == 0;
    }
}
