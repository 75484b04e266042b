package io.accrete.protocol.merge;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Where the layers of a model come from, site by site.
 *
 * @param sites in order
 */
public record Lineage(List<Site> sites) {
    public Lineage {
        sites = List.copyOf(sites);
    }

    /** Of a model that was not grown: each layer comes from itself. */
    public static Lineage plain(String model, int layers) {
        return new Lineage(
                IntStream.range(0, layers)
                        .mapToObj(layer -> new Site(layer, model, layer, 0, 1))
                        .toList());
    }

    /**
     * Of a model that is made of layers of this one.
     *
     * @param layers for each site the layer of this model that it comes from
     */
    public Lineage choose(List<Integer> layers) {
        List<Site> chosen = layers.stream().map(sites::get).toList();
        Map<Source, Integer> copies = new HashMap<>();
        chosen.forEach(site -> copies.merge(Source.of(site), 1, Integer::sum));
        Map<Source, Integer> seen = new HashMap<>();
        List<Site> result = new ArrayList<>();
        for (Site site : chosen) {
            Source source = Source.of(site);
            int occurrence = seen.merge(source, 1, Integer::sum) - 1;
            result.add(
                    new Site(
                            result.size(),
                            site.model(),
                            site.layer(),
                            occurrence,
                            copies.getOrDefault(source, 1)));
        }
        return new Lineage(result);
    }

    public boolean hasClones() {
        return sites.stream().anyMatch(site -> site.occurrence() > 0);
    }

    /** The first site that has the same source layer. */
    public int firstSite(int site) {
        Source source = Source.of(sites.get(site));
        return sites.stream()
                .filter(other -> Source.of(other).equals(source))
                .findFirst()
                .orElseThrow()
                .site();
    }

    private record Source(String model, int layer) {
        static Source of(Site site) {
            return new Source(site.model(), site.layer());
        }
    }
}
