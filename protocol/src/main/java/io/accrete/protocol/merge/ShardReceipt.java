package io.accrete.protocol.merge;

import java.util.List;

/**
 * What a worker reports of a shard that it has written and fsynced.
 *
 * @param shard index of the task
 * @param bytes of the file
 * @param headerSha256 SHA-256 of the shard's header, in hex
 * @param computed one entry per computed tensor, in task order; copied tensors are receipted by the
 *     identity of their source, which the plan holds
 * @param copied one entry per copied tensor, in task order, where digests of them were asked for
 * @param nonFinite tensors in which NaN or infinities were seen
 * @param moved what became of the bytes
 */
public record ShardReceipt(
        int shard,
        long bytes,
        String headerSha256,
        List<TensorDigest> computed,
        List<TensorDigest> copied,
        List<NonFinite> nonFinite,
        Moved moved) {
    public ShardReceipt {
        computed = List.copyOf(computed);
        // journals of before have no such field
        copied = copied == null ? List.of() : List.copyOf(copied);
        nonFinite = List.copyOf(nonFinite);
    }

    /**
     * @param tensor index into {@link ShardTask#tensors()}
     * @param sha256 of the written values, in hex
     */
    public record TensorDigest(int tensor, String sha256) {}

    public record NonFinite(String tensor, long nan, long infinite) {}

    /**
     * @param shared bytes whose blocks the file system shares with the source
     * @param copied bytes copied without being decoded
     * @param computed bytes written by arithmetic
     */
    public record Moved(long shared, long copied, long computed) {
        public static final Moved NONE = new Moved(0, 0, 0);

        public Moved plus(Moved other) {
            return new Moved(
                    shared + other.shared, copied + other.copied, computed + other.computed);
        }
    }
}
