package io.accrete.protocol.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;

/**
 * Where the layers of a teacher are computed: spread evenly over the places of a model, but for
 * those whose states are matched, which are where the model's are.
 */
public final class TeacherSpread {
    private TeacherSpread() {}

    /**
     * The place of each layer, from 0 on; it never falls from a layer to the next.
     *
     * @param pinned place of each layer whose states are matched; places do not fall either
     */
    public static List<Integer> of(int layers, int places, NavigableMap<Integer, Integer> pinned) {
        List<Integer> all = new ArrayList<>();
        for (int layer = 0; layer < layers; layer++) {
            Map.Entry<Integer, Integer> below = pinned.floorEntry(layer);
            Map.Entry<Integer, Integer> above = pinned.ceilingEntry(layer);
            all.add(
                    Math.clamp(
                            (long) layer * places / layers,
                            below == null ? 0 : below.getValue(),
                            above == null ? places - 1 : above.getValue()));
        }
        return all;
    }
}
