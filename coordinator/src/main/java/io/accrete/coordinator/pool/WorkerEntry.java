package io.accrete.coordinator.pool;

import io.accrete.protocol.wire.WorkerProfile;

import java.util.HashMap;
import java.util.HashSet;
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
}
