package io.accrete.coordinator.pool;

import io.accrete.protocol.wire.Epoch;
import io.accrete.protocol.wire.TaskFailure;
import io.accrete.protocol.wire.WorkerMessage;

import java.util.List;

/** What follows for task, job and worker where a lease ends without a result. */
final class LeaseEnds {
    private final LeaseTable leases;
    private final WorkerTable workers;
    private final PoolLimits limits;
    private long failed;
    private long expired;

    LeaseEnds(LeaseTable leases, WorkerTable workers, PoolLimits limits) {
        this.leases = leases;
        this.workers = workers;
        this.limits = limits;
    }

    /** How many attempts count against their tasks. */
    long failed() {
        return failed;
    }

    /** How many ended since their workers were silent or gone. */
    long expired() {
        return expired;
    }

    /** Nothing is heard of the worker; it is told, in case that it lives. */
    void expire(Lease lease, String why, long now, List<PoolEffect> effects) {
        expired++;
        revoke(lease.incarnation(), lease.epoch, why, effects);
        release(lease, new TaskFailure(TaskFailure.Kind.IO, why), now, effects);
    }

    /** The worker itself has failed. */
    void lost(Lease lease, TaskFailure failure, long now, List<PoolEffect> effects) {
        blame(lease, failure, now, effects);
        release(lease, failure, now, effects);
    }

    /** Not every failure is the worker's: what it gave back, or found changed, is not. */
    private void blame(Lease lease, TaskFailure failure, long now, List<PoolEffect> effects) {
        String task = lease.task.job() + "/" + lease.entry.task.shard();
        switch (failure.kind()) {
            case IO, INTERNAL -> {
                if (workers.blame(lease.worker, task, failure.message(), now)) {
                    lease.worker.drained.ifPresent(why -> effects.add(drain(lease.worker, why)));
                }
            }
            case DISK_FULL -> lease.worker.fails(task, failure.message(), limits, now);
            case SOURCE_CHANGED, UNABLE, ABANDONED -> {}
        }
    }

    /** Its task is tried again, later, or given up. */
    void release(Lease lease, TaskFailure failure, long now, List<PoolEffect> effects) {
        JobTasks job = lease.job;
        JobTasks.Entry entry = lease.entry;
        boolean goesOnElsewhere = leases.twin(lease).isPresent();
        leases.remove(lease.epoch);
        job.leases--;
        if (!goesOnElsewhere) {
            entry.state = JobTasks.State.PENDING;
        }
        job.loss(entry, lease.epoch, failure.message())
                .ifPresent(n -> effects.add(new PoolEffect.Notify(lease.task.job(), n)));
        if (isTooMuch(lease, failure, now) && !goesOnElsewhere) {
            giveUp(job, entry, lease.workerName(), failure, effects);
        }
        boolean computing =
                leases.all().stream()
                        .anyMatch(other -> other.job == job && other.entry.task.computed());
        if (!computing) {
            job.releaseClass();
        }
    }

    private boolean isTooMuch(Lease lease, TaskFailure failure, long now) {
        JobTasks.Entry entry = lease.entry;
        return switch (failure.kind()) {
            case SOURCE_CHANGED -> true;
            case ABANDONED -> false;
            case UNABLE, DISK_FULL -> {
                failed++;
                entry.failsOn(lease.workerName());
                yield workers.nobodyCan(lease.job, entry, now) || isTriedTooOften(entry);
            }
            case IO, INTERNAL -> {
                failed++;
                entry.failsOn(lease.workerName());
                entry.notBeforeNanos = now + limits.backOffNanos(entry.attempts);
                yield isTriedTooOften(entry);
            }
        };
    }

    private boolean isTriedTooOften(JobTasks.Entry entry) {
        return entry.attempts >= limits.attemptsMax();
    }

    static void giveUp(
            JobTasks job,
            JobTasks.Entry entry,
            String worker,
            TaskFailure failure,
            List<PoolEffect> effects) {
        entry.state = JobTasks.State.GIVEN_UP;
        effects.add(
                new PoolEffect.Notify(
                        job.offer.job(),
                        new TaskNotice.GivenUp(
                                entry.task.shard(),
                                entry.task.file(),
                                failure,
                                worker,
                                entry.attempts)));
    }

    /** Another worker was faster. */
    void callBack(Lease slower, List<PoolEffect> effects) {
        leases.remove(slower.epoch);
        slower.job.leases--;
        revoke(slower.incarnation(), slower.epoch, "another worker was faster", effects);
    }

    static void revoke(String incarnation, Epoch epoch, String reason, List<PoolEffect> effects) {
        effects.add(new PoolEffect.Send(incarnation, new WorkerMessage.Revoke(epoch, reason)));
    }

    static PoolEffect drain(WorkerEntry worker, String reason) {
        return new PoolEffect.Send(worker.incarnation, new WorkerMessage.Drain(reason));
    }
}
