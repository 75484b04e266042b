package io.accrete.worker.data;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

class OverlapTest {
    private static TokenRow row(Random random, int length) {
        return TokenRow.of(random.longs(length, 0, 5).toArray());
    }

    /** Every window of the one against every window of the other. */
    private static int plainly(List<TokenRow> judged, List<TokenRow> learnt) {
        int count = 0;
        for (TokenRow row : judged) {
            if (row.length() <= Overlap.IDS) {
                continue;
            }
            long[] wanted = Arrays.copyOfRange(row.ids(), 1, 1 + Overlap.IDS);
            boolean found = false;
            for (TokenRow other : learnt) {
                for (int at = 0; at + Overlap.IDS <= other.length(); at++) {
                    found |=
                            Arrays.equals(
                                    wanted, Arrays.copyOfRange(other.ids(), at, at + Overlap.IDS));
                }
            }
            count += found ? 1 : 0;
        }
        return count;
    }

    /** A text that is cut into rows is one text. */
    @Test
    void allOfATextThatBothReadCounts() {
        long[] text = new Random(5).longs(2_000, 0, 500).toArray();
        List<TokenRow> learnt = new ArrayList<>();
        for (int from = 0; from < text.length; from += 65) {
            learnt.add(TokenRow.of(Arrays.copyOfRange(text, from, Math.min(from + 65, 2_000))));
        }
        List<TokenRow> judged = new ArrayList<>();
        for (int from = 0; from + 64 <= text.length; from += 64) {
            long[] row = new long[65];
            System.arraycopy(text, from, row, 1, 64);
            judged.add(TokenRow.of(row));
        }
        assertThat(Overlap.count(judged, learnt)).isEqualTo(judged.size()).isEqualTo(31);
    }

    @Test
    void itCountsWhatComparingEverythingWithEverythingCounts() {
        Random random = new Random(4);
        int seen = 0;
        for (int round = 0; round < 50; round++) {
            List<TokenRow> learnt = new ArrayList<>();
            List<TokenRow> judged = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                TokenRow row = row(random, 20 + random.nextInt(100));
                learnt.add(row);
                int from = random.nextInt(row.length());
                long[] part = Arrays.copyOfRange(row.ids(), from, row.length());
                part[0] = 7; // a leading id of its own
                judged.add(TokenRow.of(part));
                judged.add(row(random, 40));
            }
            int expected = plainly(judged, learnt);
            assertThat(Overlap.count(judged, learnt)).isEqualTo(expected);
            seen += expected;
        }
        assertThat(seen).isGreaterThan(20);
    }
}
