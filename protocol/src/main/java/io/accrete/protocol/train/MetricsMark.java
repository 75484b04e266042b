package io.accrete.protocol.train;

import java.nio.charset.StandardCharsets;

/**
 * What the file of a training's metrics holds once all is written, so that another driver of the
 * training can tell whether it does.
 *
 * @param begin length of the file when the stages began
 * @param end its length with all lines
 * @param hash of the bytes in between, see {@link #hash(long, byte[], int)}
 * @param unwritten the last lines, which may not be in the file yet
 */
public record MetricsMark(long begin, long end, long hash, String unwritten) {
    /** Of no bytes: the basis of FNV-1a with 64 bits, by Fowler, Noll and Vo. */
    public static final long HASH_OF_NONE = 0xcbf29ce484222325L;

    private static final long PRIME = 0x100000001b3L;

    /** Lines that a slow disk has not taken; those before them are believed to be written. */
    private static final int UNWRITTEN_MAX = 1 << 16;

    /**
     * @param bytes length of the file, whatever it holds
     */
    public static MetricsMark from(long bytes) {
        return new MetricsMark(bytes, bytes, HASH_OF_NONE, "");
    }

    /**
     * Goes on with a hash.
     *
     * @param before of all bytes before, or {@link #HASH_OF_NONE}
     * @param length how many count
     */
    public static long hash(long before, byte[] bytes, int length) {
        long hash = before;
        for (int i = 0; i < length; i++) {
            hash = (hash ^ bytes[i] & 0xff) * PRIME;
        }
        return hash;
    }

    /**
     * @param line with its end
     */
    public MetricsMark with(String line) {
        byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        String lines = unwritten + line;
        while (lines.length() > UNWRITTEN_MAX) {
            lines = withoutFirst(lines);
        }
        return new MetricsMark(begin, end + bytes.length, hash(hash, bytes, bytes.length), lines);
    }

    /**
     * @param bytes that the file has now
     */
    public MetricsMark written(long bytes) {
        MetricsMark left = this;
        while (!left.unwritten.isEmpty() && left.inFile() < bytes) {
            left = new MetricsMark(begin, end, hash, withoutFirst(left.unwritten));
        }
        return left;
    }

    /** The length that the file has at least. */
    public long inFile() {
        return end - unwritten.getBytes(StandardCharsets.UTF_8).length;
    }

    private static String withoutFirst(String lines) {
        return lines.substring(lines.indexOf('\n') + 1);
    }
}
