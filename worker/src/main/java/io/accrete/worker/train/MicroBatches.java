package io.accrete.worker.train;

import io.accrete.worker.data.TokenRow;

import java.util.Arrays;
import java.util.List;

/** Rows of tokens as micro-batches: a row of L ids has L - 1 positions, each with its target. */
public final class MicroBatches {
    private MicroBatches() {}

    /** Short rows are padded on the right, which changes nothing that counts. */
    public static MicroBatch of(List<TokenRow> rows) {
        int positions = rows.stream().mapToInt(row -> row.length() - 1).max().orElseThrow();
        long[] ids = new long[rows.size() * positions];
        long[] targets = new long[ids.length];
        Arrays.fill(targets, TokenRow.NOT_SCORED);
        for (int i = 0; i < rows.size(); i++) {
            TokenRow row = rows.get(i);
            int length = row.length() - 1;
            System.arraycopy(row.ids(), 0, ids, i * positions, length);
            System.arraycopy(row.labels(), 1, targets, i * positions, length);
        }
        int scored = rows.stream().mapToInt(TokenRow::scored).sum();
        return new MicroBatch(rows.size(), positions, ids, targets, scored);
    }
}
