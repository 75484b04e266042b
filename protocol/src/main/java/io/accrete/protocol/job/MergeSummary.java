package io.accrete.protocol.job;

/**
 * The result object of a merge; see the contract in {@code docs/formats.md}.
 *
 * @param bytes of all tensors; files have headers too
 * @param seconds of the run that finished it
 * @param shardsResumed shards that an earlier run had finished
 */
public record MergeSummary(
        String output,
        int layers,
        int tensors,
        long parameters,
        long bytes,
        int shards,
        double seconds,
        long bytesShared,
        long bytesCopied,
        long bytesComputed,
        int shardsResumed)
        implements JobSummary {}
