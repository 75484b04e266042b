package io.accrete.worker.nn;

import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Which layer of the source model each site is made of.
 *
 * @param layers source layer by site
 * @param branchFactors by site, what o_proj and down_proj are multiplied with
 */
public record SiteSurgery(List<Integer> layers, List<Double> branchFactors) {
    public SiteSurgery {
        layers = List.copyOf(layers);
        branchFactors = List.copyOf(branchFactors);
    }

    /** Each layer as it is. */
    public static SiteSurgery none(int layers) {
        return new SiteSurgery(
                IntStream.range(0, layers).boxed().toList(), Collections.nCopies(layers, 1.0));
    }
}
