package io.accrete.worker.data;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How many rows that a model is judged by stand in the text that it learns from as well: a loss on
 * those tells what was learnt by heart.
 */
public final class Overlap {
    /** So many ids in a row that agree are no chance. */
    static final int IDS = 32;

    /** Of a polynomial over the ids of a window, modulo 2^64. */
    private static final long BASE = 0x9E3779B97F4A7C15L;

    private Overlap() {}

    /**
     * Rows whose first {@value #IDS} ids, the leading one apart, stand somewhere in the other rows
     * one after the other, also where a text goes on in the next row; shorter rows are not looked
     * at.
     */
    public static int count(List<TokenRow> judged, List<TokenRow> learnt) {
        Map<Long, Integer> wanted = new HashMap<>();
        for (TokenRow row : judged) {
            if (row.length() > IDS) {
                wanted.merge(hash(row.ids(), 1), 1, Integer::sum);
            }
        }
        if (wanted.isEmpty()) {
            return 0;
        }
        long high = 1;
        for (int i = 1; i < IDS; i++) {
            high *= BASE;
        }
        Set<Long> found = new HashSet<>();
        long[] last = new long[IDS];
        long seen = 0;
        long hash = 0;
        for (TokenRow row : learnt) {
            for (long id : row.ids()) {
                int at = (int) (seen % IDS);
                long left = seen < IDS ? 0 : (last[at] + 1) * high;
                hash = (hash - left) * BASE + id + 1;
                last[at] = id;
                seen++;
                if (seen >= IDS && wanted.containsKey(hash)) {
                    found.add(hash);
                }
            }
        }
        return found.stream().mapToInt(own -> wanted.getOrDefault(own, 0)).sum();
    }

    private static long hash(long[] ids, int from) {
        long hash = 0;
        for (int i = from; i < from + IDS; i++) {
            hash = hash * BASE + ids[i] + 1;
        }
        return hash;
    }
}
