package io.accrete.protocol.job;

import io.accrete.protocol.merge.CopiedBytes;

import java.util.List;

/**
 * Options of a merge that decide its result or its checks.
 *
 * @param layout which tensors share a shard
 * @param outShardSize largest sum of tensor bytes in a shard; 0 for no limit
 * @param strict unknown keys and other slips are errors
 * @param allowCrimes architectures may differ between the sources
 * @param truncateEmbeddings sources whose embeddings have different numbers of rows, in a recipe
 *     without tokenizer rules, are cut to the smallest (mergekit's {@code
 *     --unsafe-truncate-embeddings})
 * @param allowNonFinite NaN and infinities in the result do not end the job
 * @param scan copied bytes are searched for NaN and infinities too
 * @param copyTokenizer tokenizer files are carried over
 * @param writeModelCard README.md and mergekit_config.yml are written
 * @param precise methods that round at every step use fp32 inside and round once
 * @param digests receipts have digests of copied tensors too, so that the result can be verified
 *     when its sources are gone
 * @param overwrite an existing model at the output is replaced
 * @param directory absolute; relative paths of the recipe count from here
 * @param models absolute folders in which {@code org/name} is looked for
 * @param roots absolute folders, links resolved, under which all models must lie; none: anywhere
 */
public record MergeOptions(
        Layout layout,
        long outShardSize,
        boolean strict,
        boolean allowCrimes,
        boolean truncateEmbeddings,
        boolean allowNonFinite,
        boolean scan,
        boolean copyTokenizer,
        boolean writeModelCard,
        boolean precise,
        boolean overwrite,
        boolean digests,
        String directory,
        List<String> models,
        List<String> roots) {
    /** mergekit's default: 5 billion bytes. */
    public static final long OUT_SHARD_SIZE = 5_000_000_000L;

    public MergeOptions {
        models = List.copyOf(models);
        // journals of before have no such field
        roots = roots == null ? List.of() : List.copyOf(roots);
    }

    /** What is asked for copied tensors. */
    public CopiedBytes copies() {
        return digests ? CopiedBytes.DIGESTED : scan ? CopiedBytes.SCANNED : CopiedBytes.MOVED;
    }

    public enum Layout {
        /** mergekit's shards, tensor by tensor. */
        MERGEKIT,
        /** Shards whose ranges agree with their sources modulo the file system's block size. */
        SHARED
    }

    public static MergeOptions defaults(String directory) {
        return defaults(directory, List.of(), List.of(), false);
    }

    /** The defaults in all but where models are looked for, and what stands at the output. */
    public static MergeOptions defaults(
            String directory, List<String> models, List<String> roots, boolean overwrite) {
        return new MergeOptions(
                Layout.MERGEKIT,
                OUT_SHARD_SIZE,
                /* strict */ false,
                /* allowCrimes */ false,
                /* truncateEmbeddings */ false,
                /* allowNonFinite */ false,
                /* scan */ false,
                /* copyTokenizer */ true,
                /* writeModelCard */ true,
                /* precise */ false,
                overwrite,
                /* digests */ false,
                directory,
                models,
                roots);
    }
}
