package io.accrete.coordinator.pool;

import io.accrete.protocol.job.DurationCounts;
import io.accrete.protocol.job.JobView.RunningTask;
import io.accrete.protocol.wire.Epoch;

import org.jspecify.annotations.Nullable;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The leases of one term, by their epochs. */
final class LeaseTable {
    /** Epochs that are remembered as settled, so that a repeated result is not taken for stale. */
    private static final int SETTLED_KEPT = 4096;

    private final long term;
    private final Map<Epoch, Lease> leases = new LinkedHashMap<>();
    private final Set<Epoch> settled = new LinkedHashSet<>();
    private DurationCounts queueWait = DurationCounts.NONE;
    private long counter;

    LeaseTable(long term) {
        this.term = term;
    }

    Epoch nextEpoch() {
        return new Epoch(term, ++counter);
    }

    long granted() {
        return counter;
    }

    /**
     * @param waitedNanos since the task could have been granted
     */
    void add(Lease lease, long waitedNanos) {
        leases.put(lease.epoch, lease);
        queueWait = queueWait.plus(waitedNanos);
    }

    DurationCounts queueWait() {
        return queueWait;
    }

    @Nullable Lease get(Epoch epoch) {
        return leases.get(epoch);
    }

    @Nullable Lease remove(Epoch epoch) {
        return leases.remove(epoch);
    }

    /** The lease of that epoch, if this incarnation has it. */
    @Nullable Lease held(String incarnation, Epoch epoch) {
        Lease lease = leases.get(epoch);
        return lease != null && lease.incarnation().equals(incarnation) ? lease : null;
    }

    boolean isHeldBy(String incarnation) {
        return leases.values().stream().anyMatch(l -> l.incarnation().equals(incarnation));
    }

    /** Those that take up a slot of the worker. */
    List<Lease> runningOn(String incarnation) {
        return leases.values().stream()
                .filter(lease -> lease.incarnation().equals(incarnation) && !lease.settling)
                .toList();
    }

    /** The other lease of the same task: it went to a second worker since the first was slow. */
    Optional<Lease> twin(Lease lease) {
        return leases.values().stream()
                .filter(other -> other != lease && other.entry == lease.entry)
                .findFirst();
    }

    /** As they are now: changes of the table do not show. */
    List<Lease> all() {
        return List.copyOf(leases.values());
    }

    boolean wasSettled(Epoch epoch) {
        return settled.contains(epoch);
    }

    void rememberSettled(Epoch epoch) {
        settled.add(epoch);
        if (settled.size() > SETTLED_KEPT) {
            settled.remove(settled.iterator().next());
        }
    }

    /** Those of the job end earlier, unless their workers are heard before. */
    void suspect(String job, long deadlineNanos) {
        for (Lease lease : leases.values()) {
            if (lease.task.job().equals(job) && lease.deadlineNanos - deadlineNanos > 0) {
                lease.deadlineNanos = deadlineNanos;
                lease.suspected = true;
            }
        }
    }

    List<RunningTask> describe(String job) {
        return all().stream()
                .filter(lease -> lease.task.job().equals(job))
                .map(
                        lease -> {
                            JobOffer.Task task = lease.entry.task;
                            return new RunningTask(
                                    task.file(), lease.workerName(), lease.bytesDone, task.bytes());
                        })
                .toList();
    }
}
