package io.accrete.coordinator.train;

import io.accrete.protocol.train.SiteRange;

import java.util.List;

/**
 * Parameters that learn and are used at several sites: gradients go to the stage of the first use
 * and values come from it.
 *
 * @param sites of the uses, ascending; of embedding and head the first one and the last one
 * @param elements of all of them
 */
record Tie(List<Integer> sites, long elements) {
    Tie {
        sites = List.copyOf(sites);
    }

    /** Messages of that size that a stage with these sites has from others, or for them. */
    int messages(SiteRange range) {
        int here = (int) sites.stream().filter(s -> range.first() <= s && s < range.end()).count();
        int elsewhere = sites.size() - here;
        if (here == 0 || elsewhere == 0) {
            return 0;
        }
        boolean owns = range.first() <= sites.getFirst();
        return owns ? 2 * elsewhere : 1 + here;
    }
}
