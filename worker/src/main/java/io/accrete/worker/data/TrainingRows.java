package io.accrete.worker.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * The rows that a model is trained on, in the order in which it sees them: again and again, in
 * another order each time if they are shuffled. Which row comes when depends on the seed alone.
 */
public final class TrainingRows {
    private final List<TokenRow> rows;
    private final boolean shuffle;
    private final long seed;
    private final int split;
    private int[] order = {};
    private long epoch = -1;

    private TrainingRows(List<TokenRow> rows, int split, boolean shuffle, long seed) {
        this.rows = rows;
        this.split = split;
        this.shuffle = shuffle;
        this.seed = seed;
    }

    /**
     * @param length most ids of a row; longer ones are split
     * @param pack texts are joined, each after a BOS, and cut into rows of that length
     * @throws DataException if a file cannot be read, or nothing is left to learn from
     */
    public static TrainingRows of(
            List<Path> files,
            ModelVocabulary vocabulary,
            int length,
            boolean pack,
            boolean shuffle,
            long seed)
            throws IOException {
        List<TokenRow> whole = new ArrayList<>();
        for (Path file : files) {
            if (RowFile.isOne(file)) {
                whole.addAll(
                        new RowFile(file, vocabulary, text -> List.of(document(text, vocabulary)))
                                .rows());
            } else {
                whole.add(document(TextFile.read(file), vocabulary));
            }
        }
        List<TokenRow> rows = new ArrayList<>();
        int split = 0;
        for (TokenRow row : pack ? List.of(joined(whole)) : whole) {
            List<TokenRow> parts = parts(row, length);
            split += !pack && parts.size() > 1 ? 1 : 0;
            rows.addAll(parts);
        }
        rows.removeIf(row -> row.length() < 2);
        if (rows.stream().allMatch(row -> row.scored() == 0)) {
            throw new DataException(
                    "DAT-022",
                    files.getFirst(),
                    0,
                    rows.isEmpty()
                            ? "there is no row of two ids or more to learn from"
                            : "none of the %d rows has a label that counts".formatted(rows.size()),
                    "give more text, or labels that are not all -100",
                    null);
        }
        return new TrainingRows(rows, split, shuffle, seed);
    }

    /** In the order of the files. */
    public List<TokenRow> all() {
        return List.copyOf(rows);
    }

    public int count() {
        return rows.size();
    }

    /** Rows that were longer than allowed and became several. */
    public int split() {
        return split;
    }

    /**
     * @param index of all rows that training has seen, counted from 0
     */
    public TokenRow at(long index) {
        int place = (int) (index % rows.size());
        if (!shuffle) {
            return rows.get(place);
        }
        if (index / rows.size() != epoch) {
            epoch = index / rows.size();
            order = shuffled(epoch);
        }
        return rows.get(order[place]);
    }

    private int[] shuffled(long epoch) {
        int[] shuffled = IntStream.range(0, rows.size()).toArray();
        SplittableRandom random = new SplittableRandom(seed ^ (epoch * 0x9E3779B97F4A7C15L));
        for (int i = shuffled.length - 1; i > 0; i--) {
            int other = random.nextInt(i + 1);
            int mine = shuffled[i];
            shuffled[i] = shuffled[other];
            shuffled[other] = mine;
        }
        return shuffled;
    }

    private static TokenRow document(String text, ModelVocabulary vocabulary) throws IOException {
        long[] ids = vocabulary.encode(text);
        long[] row = new long[ids.length + 1];
        row[0] = vocabulary.bos();
        System.arraycopy(ids, 0, row, 1, ids.length);
        return TokenRow.of(row);
    }

    private static TokenRow joined(List<TokenRow> rows) {
        if (rows.size() == 1) {
            return rows.getFirst();
        }
        return new TokenRow(
                rows.stream().flatMapToLong(row -> Arrays.stream(row.ids())).toArray(),
                rows.stream().flatMapToLong(row -> Arrays.stream(row.labels())).toArray());
    }

    private static List<TokenRow> parts(TokenRow row, int length) {
        List<TokenRow> parts = new ArrayList<>();
        for (int start = 0; start < row.length(); start += length) {
            int end = Math.min(row.length(), start + length);
            parts.add(row.part(start, end));
        }
        return parts;
    }
}
