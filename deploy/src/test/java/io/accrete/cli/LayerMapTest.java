package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.protocol.merge.Site;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

class LayerMapTest {
    @Test
    void drawsEachRunUnderItsSourceLayersAndMarksClones() {
        List<String> lines = LayerMap.draw(sites(0, 4, 2, 6), false);
        assertThat(lines).anyMatch(line -> line.matches("\\s+0 - 3\\s+████\\s+A"));
        assertThat(lines).anyMatch(line -> line.matches("\\s+4 - 7\\s{8}▒▒██\\s+A"));
    }

    @Test
    void staysNarrowForDeepModels() {
        List<String> lines = LayerMap.draw(sites(0, 1000), false);
        assertThat(lines).allMatch(line -> line.length() <= 100);
    }

    @Test
    void staysShortForManySlices() {
        int[] ranges = new int[1000];
        for (int i = 0; i < 500; i++) {
            ranges[2 * i] = i % 7 * 2;
            ranges[2 * i + 1] = i % 7 * 2 + 1;
        }
        assertThat(LayerMap.draw(sites(ranges), false)).hasSizeBetween(50, 100);
    }

    @Test
    void hasColoursOnlyWhereAsked() {
        assertThat(String.join("", LayerMap.draw(sites(0, 2, 0, 2), false)))
                .doesNotContain("\u001b");
        assertThat(String.join("", LayerMap.draw(sites(0, 2, 0, 2), true))).contains("\u001b[33m");
    }

    /** Sites of ranges of layers, begin and end in turn. */
    private static List<Site> sites(int... ranges) {
        List<Site> sites = new ArrayList<>();
        for (int i = 0; i < ranges.length; i += 2) {
            for (int layer = ranges[i]; layer < ranges[i + 1]; layer++) {
                int wanted = layer;
                int occurrence =
                        (int) sites.stream().filter(site -> site.layer() == wanted).count();
                sites.add(new Site(sites.size(), "A", layer, occurrence, 0));
            }
        }
        return sites;
    }
}
