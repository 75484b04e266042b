package io.accrete.protocol.wire;

import io.accrete.protocol.merge.CopiedBytes;

/**
 * A shard task by reference: the plan is a file that every node sees.
 *
 * @param job identity of the job
 * @param plan absolute path of the plan's JSON
 * @param planSha256 digest of that file, in hex
 * @param shard index of the task in the plan
 * @param target absolute path to write to; nobody else writes there
 * @param copies what is done with bytes that are copied
 */
public record TaskRef(
        String job, String plan, String planSha256, int shard, String target, CopiedBytes copies)
        implements LeasedWork {
    @Override
    public String task() {
        return "shard " + (shard + 1);
    }
}
