package io.accrete.cli;

import io.accrete.coordinator.train.AblationReader.Variant;

import java.util.Optional;

/**
 * A training of a variant.
 *
 * @param matrix the file that names it
 * @param text of its job
 */
record AblationRun(String matrix, Variant variant, Optional<Long> seed, String text) {

    /** Where its result stands, in the folder of the ablation. */
    String folder() {
        return variant.name() + seed.map(number -> "-seed-" + number).orElse("");
    }

    /** What its job is called in messages. */
    String name() {
        return "%s: variant %s".formatted(matrix, folder());
    }
}
