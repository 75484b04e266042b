package io.accrete.coordinator.pool;

import io.accrete.protocol.job.WorkerView;
import io.accrete.protocol.wire.WorkerProfile;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** One registered incarnation of a worker. */
final class WorkerEntry {
    final String incarnation;
    final WorkerProfile profile;

    /** Source files that it has read, by job: its machine may still have them in memory. */
    final Map<String, Set<Integer>> warm = new HashMap<>();

    long seenNanos;
    boolean hungry;
    boolean leaving;

    WorkerEntry(String incarnation, WorkerProfile profile, long nowNanos) {
        this.incarnation = incarnation;
        this.profile = profile;
        this.seenNanos = nowNanos;
    }

    void reads(String job, Set<Integer> sources) {
        warm.computeIfAbsent(job, key -> new HashSet<>()).addAll(sources);
    }

    WorkerView view(List<Lease> running, long now) {
        return new WorkerView(
                profile.worker(),
                profile.host(),
                profile.pid(),
                profile.slots(),
                running.stream().map(lease -> lease.entry.task.file()).toList(),
                profile.numericClass(),
                profile.version(),
                leaving,
                Duration.ofNanos(now - seenNanos).toSeconds());
    }
}
