package io.accrete.protocol.merge;

import java.util.List;

/**
 * The unit of merge work: all that is needed to write one output shard. Writing it twice gives the
 * same bytes.
 *
 * @param index position in {@link MergePlan#shards()}
 * @param file name of the shard in the output folder
 * @param headerBytes bytes before the data section: length prefix, JSON and blanks
 * @param bytes of the whole file
 * @param tensors in the order of their offsets, without gaps
 */
public record ShardTask(
        int index, String file, long headerBytes, long bytes, List<TensorTask> tensors) {
    public ShardTask {
        tensors = List.copyOf(tensors);
    }
}
