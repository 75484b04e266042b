package io.accrete.protocol.job;

import io.accrete.protocol.merge.ShardReceipt;

import java.util.Map;

/**
 * What the list of jobs comes to at one moment.
 *
 * @param jobs how many there are in each phase; phases without one are left out
 * @param journal writes of events, as the coordinator waited for them
 * @param moved bytes of the shards that were received since the coordinator began
 */
public record JobFigures(
        Map<JobPhase, Integer> jobs, DurationCounts journal, ShardReceipt.Moved moved) {
    public JobFigures {
        jobs = Map.copyOf(jobs);
    }
}
