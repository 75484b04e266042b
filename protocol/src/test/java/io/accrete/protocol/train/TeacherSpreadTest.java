package io.accrete.protocol.train;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

class TeacherSpreadTest {
    @Test
    void layersAreSpreadEvenly() {
        assertThat(places(5, 2, Map.of())).containsExactly(0, 0, 0, 1, 1);
        assertThat(places(2, 5, Map.of())).containsExactly(0, 2);
    }

    @Test
    void aLayerWhoseStatesAreMatchedIsWhereItsSiteIs() {
        assertThat(places(6, 3, Map.of(1, 2))).containsExactly(0, 2, 2, 2, 2, 2);
        assertThat(places(6, 3, Map.of(4, 0))).containsExactly(0, 0, 0, 0, 0, 2);
        assertThat(places(6, 4, Map.of(2, 0, 3, 3))).containsExactly(0, 0, 0, 3, 3, 3);
    }

    private static List<Integer> places(int layers, int places, Map<Integer, Integer> pinned) {
        return TeacherSpread.of(layers, places, new TreeMap<>(pinned));
    }
}
