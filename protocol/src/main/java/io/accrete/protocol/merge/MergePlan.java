package io.accrete.protocol.merge;

import io.accrete.protocol.store.FileIdentity;

import java.util.List;
import java.util.Map;

/**
 * A proven merge: everything that is known before a weight moves. It is written once, as JSON, into
 * the job's staging folder; an event names it with its digest, and tasks refer to it.
 *
 * @param format version of this record's JSON
 * @param job digest of all that decides the result (recipe, options, identities of the sources)
 * @param sources the weight files that are read
 * @param shards what is written
 * @param sites lineage of every layer
 * @param model what the result is
 * @param texts files of the output whose text is known now (config.json, index, card, recipe)
 * @param carried files of the output that are copies: name in the output to absolute source path
 * @param memoryBytesPerWorker bound on the anonymous memory of a process with one worker, the JVM's
 *     own included
 */
public record MergePlan(
        int format,
        String job,
        List<FileIdentity> sources,
        List<ShardTask> shards,
        List<Site> sites,
        OutputModel model,
        Map<String, String> texts,
        Map<String, String> carried,
        long memoryBytesPerWorker) {
    public static final int FORMAT = 1;

    public MergePlan {
        sources = List.copyOf(sources);
        shards = List.copyOf(shards);
        sites = List.copyOf(sites);
    }

    /** The same plan under the name of its job. */
    public MergePlan withJob(String digest) {
        return new MergePlan(
                format,
                digest,
                sources,
                shards,
                sites,
                model,
                texts,
                carried,
                memoryBytesPerWorker);
    }

    /**
     * @param architecture as in config.json, e.g. {@code LlamaForCausalLM}
     * @param method of the recipe
     * @param dtype element type of most tensors, in safetensors spelling
     * @param layers number of sites
     * @param tensors number of output tensors
     * @param parameters number of elements of all output tensors
     * @param bytes of all shard files
     */
    public record OutputModel(
            String architecture,
            String method,
            String dtype,
            int layers,
            int tensors,
            long parameters,
            long bytes) {}
}
