package io.accrete.coordinator.pool;

import io.accrete.protocol.job.DurationCounts;
import io.accrete.protocol.job.PoolFigures;

import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;

/** Counts the tasks of all jobs by how they stand. */
final class PoolCensus {
    private PoolCensus() {}

    static PoolFigures of(
            Collection<WorkerEntry> workers,
            Collection<JobTasks> jobs,
            PoolCounters counters,
            DurationCounts queueWait,
            long now) {
        Map<JobTasks.State, Integer> states = new EnumMap<>(JobTasks.State.class);
        int ready = 0;
        for (JobTasks job : jobs) {
            for (JobTasks.Entry entry : job.entries.values()) {
                states.merge(entry.state, 1, Integer::sum);
                ready += entry.isReady(now) ? 1 : 0;
            }
        }
        return new PoolFigures(
                workers.size(),
                workers.stream().mapToInt(worker -> worker.profile.slots()).sum(),
                ready,
                states.getOrDefault(JobTasks.State.PENDING, 0) - ready,
                states.getOrDefault(JobTasks.State.LEASED, 0),
                states.getOrDefault(JobTasks.State.GIVEN_UP, 0),
                counters.granted(),
                counters.expired(),
                counters.settled(),
                counters.failed(),
                counters.doubled(),
                counters.drained(),
                counters.refused(),
                queueWait);
    }
}
