package io.accrete.coordinator.pool;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The workers that are registered, by incarnation, and who of them is given no more. */
final class WorkerTable {
    private final PoolLimits limits;
    private final Map<String, WorkerEntry> workers = new LinkedHashMap<>();
    private long drained;

    WorkerTable(PoolLimits limits) {
        this.limits = limits;
    }

    Collection<WorkerEntry> all() {
        return workers.values();
    }

    @Nullable WorkerEntry get(String incarnation) {
        return workers.get(incarnation);
    }

    void add(WorkerEntry worker) {
        workers.put(worker.incarnation, worker);
    }

    void remove(String incarnation) {
        workers.remove(incarnation);
    }

    /** How many were drained for what failed on them. */
    long drained() {
        return drained;
    }

    /** Other incarnations of a worker of that name. */
    List<String> others(String name, String incarnation) {
        return workers.values().stream()
                .filter(worker -> worker.profile.worker().equals(name))
                .map(worker -> worker.incarnation)
                .filter(other -> !other.equals(incarnation))
                .toList();
    }

    /** Those that wait for tasks, the idlest first. */
    List<WorkerEntry> hungry(LeaseTable leases, long now) {
        return workers.values().stream()
                .filter(worker -> worker.isReady(now))
                .sorted(Comparator.comparingInt(w -> leases.runningOn(w.incarnation).size()))
                .toList();
    }

    int freeSlots(WorkerEntry worker, LeaseTable leases) {
        int slots = Math.min(worker.profile.slots(), limits.workerTasksMax());
        return slots - leases.runningOn(worker.incarnation).size();
    }

    /** Those that are drained by it; each is to be told. */
    List<WorkerEntry> drain(String name, String reason) {
        List<WorkerEntry> found = new ArrayList<>();
        for (WorkerEntry worker : workers.values()) {
            if (worker.profile.worker().equals(name)) {
                worker.drain(reason);
                found.add(worker);
            }
        }
        return found;
    }

    /**
     * Something failed on the worker. It waits before it is given more; after too many different
     * tasks in a row it is given none at all, unless it is the last one: then the tasks' own bound
     * on attempts ends the job with a reason.
     *
     * @return whether it is drained by this, and is to be told
     */
    boolean blame(WorkerEntry worker, String task, String message, long now) {
        worker.fails(task, message, limits, now);
        if (worker.leaving
                || worker.faults() < limits.workerFaultsMax()
                || !hasOther(worker, now)) {
            return false;
        }
        drained++;
        worker.drain(
                "%d different tasks in a row failed on it, the last since: %s"
                        .formatted(worker.faults(), message));
        return true;
    }

    private boolean hasOther(WorkerEntry worker, long now) {
        return there(now).stream().anyMatch(other -> other != worker);
    }

    private List<WorkerEntry> there(long now) {
        return workers.values().stream().filter(worker -> worker.isThere(limits, now)).toList();
    }

    /**
     * Whether each of those that are there has failed at the task, or is left out of its job. Where
     * none is, one may come.
     */
    boolean nobodyCan(JobTasks job, JobTasks.Entry entry, long now) {
        List<WorkerEntry> there = there(now);
        return !there.isEmpty()
                && there.stream()
                        .allMatch(
                                worker ->
                                        worker.isLeftOut(job.offer.job())
                                                || entry.failedOn.contains(
                                                        worker.profile.worker()));
    }

    /** Why no worker may be given tasks of a job, if none may. */
    Optional<String> absence(String job, long now) {
        List<WorkerEntry> there = there(now);
        if (workers.isEmpty()) {
            return Optional.of("waits for a worker: none is there");
        }
        if (there.isEmpty()) {
            return Optional.of(
                    "waits for a worker: those that are there (%d) are drained or silent"
                            .formatted(workers.size()));
        }
        return there.stream().allMatch(worker -> worker.isLeftOut(job))
                ? Optional.of(
                        "waits for a worker that sees the files that the plan was made of: those"
                                + " that are there (%d) do not".formatted(there.size()))
                : Optional.empty();
    }

    void leaveOut(String name, String job, String why) {
        workers.values().stream()
                .filter(worker -> worker.profile.worker().equals(name))
                .forEach(worker -> worker.leaveOut(job, why));
    }

    void forgetJob(String job) {
        workers.values().forEach(worker -> worker.forget(job));
    }

    void forgetSilent(LeaseTable leases, long now) {
        workers.values()
                .removeIf(
                        worker ->
                                now - worker.seenNanos >= limits.forgetAfter().toNanos()
                                        && !leases.isHeldBy(worker.incarnation));
    }
}
