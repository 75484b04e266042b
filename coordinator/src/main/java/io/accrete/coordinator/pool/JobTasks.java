package io.accrete.coordinator.pool;

import io.accrete.protocol.wire.Epoch;

import org.jspecify.annotations.Nullable;

import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What is left to do of one job. */
final class JobTasks {
    /** A task that is not settled. */
    static final class Entry {
        final JobOffer.Task task;
        final Set<String> failedOn = new HashSet<>();
        State state = State.PENDING;
        int attempts;
        long notBeforeNanos;

        Entry(JobOffer.Task task, long nowNanos) {
            this.task = task;
            this.notBeforeNanos = nowNanos;
        }

        void failsOn(String worker) {
            attempts++;
            failedOn.add(worker);
        }

        boolean isReady(long nowNanos) {
            return state == State.PENDING && nowNanos - notBeforeNanos >= 0;
        }
    }

    enum State {
        PENDING,
        LEASED,
        /** Until the driver withdraws the job. */
        GIVEN_UP
    }

    final JobOffer offer;
    final Map<Integer, Entry> entries = new LinkedHashMap<>();

    /** How many leases of its tasks there are. */
    int leases;

    private long doneNanos;
    private long doneBytes;

    /** A computed task is settled, so that the class can change no more. */
    private boolean classIsFixed;

    @Nullable String numericClass;
    private @Nullable Long classMissingSinceNanos;

    JobTasks(JobOffer offer, long nowNanos) {
        this.offer = offer;
        this.numericClass = offer.numericClass().orElse(null);
        this.classIsFixed = numericClass != null;
        offer.tasks().forEach(task -> entries.put(task.shard(), new Entry(task, nowNanos)));
    }

    /** What failed before does not count any more. */
    void forgive() {
        for (Entry entry : entries.values()) {
            entry.attempts = 0;
            entry.failedOn.clear();
        }
    }

    /** What a driver is to hear at once: it waits for what its stages answer. */
    Optional<TaskNotice> loss(Entry entry, Epoch lease, String why) {
        return offer.kind() instanceof JobOffer.Kind.Stages
                ? Optional.of(new TaskNotice.StagesLost(entry.task.shard(), lease, why))
                : Optional.empty();
    }

    void grantedTo(String workersClass, JobOffer.Task task) {
        if (task.computed() && numericClass == null) {
            numericClass = workersClass;
        }
    }

    /** A task was done in that time. */
    void took(JobOffer.Task task, long nanos) {
        doneNanos += nanos;
        doneBytes += task.bytes();
    }

    /** Whether the last tasks are in flight, and this one takes much longer than others did. */
    boolean straggles(Lease lease, PoolLimits.Straggler limits, long nowNanos) {
        return offer.kind() instanceof JobOffer.Kind.Shards
                && !lease.settling
                && doneBytes > 0
                && entries.values().stream().noneMatch(e -> e.state == State.PENDING)
                && limits.applies(
                        nowNanos - lease.grantedNanos,
                        (double) doneNanos / doneBytes * lease.entry.task.bytes());
    }

    void settle(JobOffer.Task task) {
        entries.remove(task.shard());
        classIsFixed |= task.computed();
    }

    /** Nothing computed is in flight: if nothing is settled either, any class will do. */
    void releaseClass() {
        if (!classIsFixed) {
            numericClass = null;
        }
    }

    /** The class that no worker has had for the whole of a grace period, told once in each. */
    Optional<String> missedClass(Collection<WorkerEntry> workers, long now, long graceNanos) {
        String wanted = numericClass;
        Long since = classMissingSinceNanos;
        if (wanted == null || !isMissing(wanted, workers, now)) {
            classMissingSinceNanos = null;
            return Optional.empty();
        }
        if (since != null && now - since < graceNanos) {
            return Optional.empty();
        }
        classMissingSinceNanos = now;
        return since == null ? Optional.empty() : Optional.of(wanted);
    }

    private boolean isMissing(String wanted, Collection<WorkerEntry> workers, long now) {
        return !workers.isEmpty()
                && entries.values().stream().anyMatch(e -> e.isReady(now) && e.task.computed())
                && workers.stream().noneMatch(w -> w.profile.numericClass().equals(wanted));
    }
}
