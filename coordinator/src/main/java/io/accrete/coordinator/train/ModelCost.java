package io.accrete.coordinator.train;

import java.util.List;

/**
 * What a model costs for one micro-batch.
 *
 * @param sites one cost for each
 * @param ties what learns and is used at several of them
 */
record ModelCost(List<SiteCost> sites, List<Tie> ties) {
    ModelCost {
        sites = List.copyOf(sites);
        ties = List.copyOf(ties);
    }
}
