package io.accrete.coordinator.plan;

import io.accrete.protocol.merge.Site;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The slices of the output, from the embedding to the head. Never empty. */
record Stack(List<OutputSlice> slices) {
    Stack {
        slices = List.copyOf(slices);
    }

    OutputSlice first() {
        return slices.getFirst();
    }

    OutputSlice last() {
        return slices.getLast();
    }

    int layers() {
        return slices.stream().mapToInt(OutputSlice::length).sum();
    }

    /** Where each layer comes from; of several inputs the first counts. */
    List<Site> sites() {
        Map<Origin, Integer> copies = new HashMap<>();
        List<Origin> origins = new ArrayList<>();
        for (OutputSlice slice : slices) {
            SliceInput input = slice.inputs().getFirst();
            for (int layer = 0; layer < slice.length(); layer++) {
                Origin origin = new Origin(input.model().label(), input.firstLayer() + layer);
                origins.add(origin);
                copies.merge(origin, 1, Integer::sum);
            }
        }
        Map<Origin, Integer> seen = new HashMap<>();
        List<Site> sites = new ArrayList<>();
        for (Origin origin : origins) {
            int occurrence = seen.merge(origin, 1, Integer::sum) - 1;
            int site = sites.size();
            sites.add(
                    new Site(
                            site,
                            origin.model,
                            origin.layer,
                            occurrence,
                            copies.getOrDefault(origin, 1)));
        }
        return List.copyOf(sites);
    }

    private record Origin(String model, int layer) {}
}
