package io.accrete.protocol.train;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A weight file of a trained model that was written.
 *
 * @param tensors with the SHA-256 of their values, by name
 */
public record WrittenShard(
        String file, long bytes, String headerSha256, SortedMap<String, String> tensors) {
    public WrittenShard {
        tensors = Collections.unmodifiableSortedMap(new TreeMap<>(tensors));
    }
}
