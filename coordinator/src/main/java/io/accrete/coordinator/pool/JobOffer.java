package io.accrete.coordinator.pool;

import io.accrete.protocol.merge.CopiedBytes;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The tasks of one job that are to be done, in the order of preference.
 *
 * @param plan absolute path of the plan's JSON
 * @param planSha256 digest of that file, in hex
 * @param tmp absolute path of the folder into which workers write
 * @param copies what is done with bytes that are copied
 * @param numericClass in which earlier tasks were computed, if any were
 */
public record JobOffer(
        String job,
        String plan,
        String planSha256,
        String tmp,
        CopiedBytes copies,
        Optional<String> numericClass,
        List<Task> tasks) {
    public JobOffer {
        tasks = List.copyOf(tasks);
    }

    /**
     * @param shard index in the plan
     * @param file name of the shard
     * @param bytes of it
     * @param computed whether any of its tensors is the result of arithmetic
     * @param sources indices of the files that it reads
     */
    public record Task(int shard, String file, long bytes, boolean computed, Set<Integer> sources) {
        public Task {
            sources = Set.copyOf(sources);
        }
    }
}
