package io.accrete.coordinator.pool;

import io.accrete.protocol.job.WorkerDevice;
import io.accrete.protocol.job.WorkerView;
import io.accrete.protocol.wire.WorkerProfile;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** One registered incarnation of a worker. */
final class WorkerEntry {
    final String incarnation;
    final WorkerProfile profile;

    /** Source files that it has read, by job: its machine may still have them in memory. */
    final Map<String, Set<Integer>> warm = new HashMap<>();

    /** Tasks that failed on it since it last did one. */
    private final Set<String> faults = new LinkedHashSet<>();

    private Optional<String> lastFault = Optional.empty();

    /** What it cannot do, by job. */
    private final Map<String, String> troubles = new LinkedHashMap<>();

    long seenNanos;
    long notBeforeNanos;
    boolean hungry;
    boolean leaving;

    /** Why it is given no more, where it was not the worker's own wish. */
    Optional<String> drained = Optional.empty();

    WorkerEntry(String incarnation, WorkerProfile profile, long nowNanos) {
        this.incarnation = incarnation;
        this.profile = profile;
        this.seenNanos = nowNanos;
        this.notBeforeNanos = nowNanos;
    }

    boolean isReady(long nowNanos) {
        return hungry && !leaving && nowNanos - notBeforeNanos >= 0;
    }

    /** One that was silent for longer than a lease is not waited for. */
    boolean isHeard(PoolLimits limits, long nowNanos) {
        return nowNanos - seenNanos < limits.lease().toNanos();
    }

    /** Whether it may be given tasks, now or when it asks. */
    boolean isThere(PoolLimits limits, long nowNanos) {
        return !leaving && isHeard(limits, nowNanos);
    }

    boolean isOf(WorkerEntry other) {
        return profile.host().equals(other.profile.host()) && profile.pid() == other.profile.pid();
    }

    /** Whether both compute on the same device: one that has its own is like another process. */
    boolean sharesDevice(WorkerEntry other) {
        WorkerDevice mine = profile.device();
        WorkerDevice theirs = other.profile.device();
        return isOf(other)
                && (mine.equals(theirs) || !mine.belongsToOne() && !theirs.belongsToOne());
    }

    /** Waits, the longer the more tasks have failed on it. */
    void fails(String task, String why, PoolLimits limits, long nowNanos) {
        faults.add(task);
        lastFault = Optional.of(why);
        notBeforeNanos = nowNanos + limits.backOffNanos(faults.size());
    }

    int faults() {
        return faults.size();
    }

    void succeeds() {
        faults.clear();
        lastFault = Optional.empty();
    }

    void drain(String reason) {
        leaving = true;
        drained = Optional.of(reason);
    }

    /** Of this job it is given no task any more. */
    void leaveOut(String job, String why) {
        troubles.put(job, why);
    }

    boolean isLeftOut(String job) {
        return troubles.containsKey(job);
    }

    void forget(String job) {
        warm.remove(job);
        troubles.remove(job);
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
                profile.device(),
                profile.numericClass(),
                profile.version(),
                leaving,
                drained.or(() -> troubles.values().stream().findFirst()).or(() -> lastFault),
                Duration.ofNanos(now - seenNanos).toSeconds());
    }
}
