package io.accrete.worker.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The rows of a file by which a model is judged: rows of {@code input_ids} as they stand; texts
 * tokenised once and cut into windows, each after one BOS, so that every id counts once.
 */
public final class EvaluationRows {
    private EvaluationRows() {}

    /**
     * @param window ids of a text that are scored together
     * @throws DataException if the file cannot be read, or has nothing to score
     */
    public static List<TokenRow> of(Path file, ModelVocabulary vocabulary, int window)
            throws IOException {
        boolean rowFile = RowFile.isOne(file);
        List<TokenRow> rows =
                rowFile
                        ? new RowFile(file, vocabulary, text -> windows(text, vocabulary, window))
                                .rows()
                        : windows(TextFile.read(file), vocabulary, window);
        if (scored(rows) == 0) {
            throw new DataException(
                    "DAT-017",
                    file,
                    0,
                    rows.isEmpty()
                            ? "it is empty: nothing is left to score"
                            : "none of its %d rows has a position that counts"
                                    .formatted(rows.size()),
                    "give rows of two ids and more, whose labels are not all -100",
                    null);
        }
        return rows;
    }

    /** Scored positions of all rows. */
    public static long scored(List<TokenRow> rows) {
        return rows.stream().mapToLong(TokenRow::scored).sum();
    }

    /** Ids of the longest row. */
    public static int longest(List<TokenRow> rows) {
        return rows.stream().mapToInt(TokenRow::length).max().orElse(0);
    }

    private static List<TokenRow> windows(String text, ModelVocabulary vocabulary, int window)
            throws IOException {
        long[] ids = vocabulary.encode(text);
        List<TokenRow> rows = new ArrayList<>();
        for (int start = 0; start < ids.length; start += window) {
            int length = Math.min(window, ids.length - start);
            long[] row = new long[length + 1];
            row[0] = vocabulary.bos();
            System.arraycopy(ids, start, row, 1, length);
            rows.add(TokenRow.of(row));
        }
        return rows;
    }
}
