package io.accrete.coordinator.pool;

import io.accrete.protocol.wire.Epoch;
import io.accrete.protocol.wire.LeasedWork;

import java.time.Duration;

/** A task granted to one incarnation of a worker until a deadline. */
final class Lease {
    final Epoch epoch;
    final WorkerEntry worker;
    final JobTasks job;
    final JobTasks.Entry entry;
    final LeasedWork task;

    final long grantedNanos;

    long deadlineNanos;
    long bytesDone;

    /** There is a sign that the worker is dead, and it has not been heard since. */
    boolean suspected;

    /** The worker has named it in a heartbeat: the grant has arrived. */
    boolean confirmed;

    /** The worker is done; the driver takes or refuses what it wrote, however long that takes. */
    boolean settling;

    /**
     * @param lease how long it lasts if nobody renews it
     */
    Lease(
            Epoch epoch,
            WorkerEntry worker,
            Assigner.Choice choice,
            LeasedWork task,
            long nowNanos,
            Duration lease) {
        this.epoch = epoch;
        this.worker = worker;
        this.job = choice.job();
        this.entry = choice.entry();
        this.task = task;
        this.grantedNanos = nowNanos;
        this.deadlineNanos = nowNanos + lease.toNanos();
    }

    String incarnation() {
        return worker.incarnation;
    }

    /** The worker was heard. */
    void renew(long until) {
        deadlineNanos = until;
        suspected = false;
    }

    /** Why the lease has ended. */
    String silence(PoolLimits limits) {
        return "worker %s was silent for %s"
                .formatted(workerName(), suspected ? limits.suspicion() : limits.lease());
    }

    /** Why it ends where its worker is known to be gone. */
    String absence() {
        return "worker %s is gone: nobody listens where its stages were reached"
                .formatted(workerName());
    }

    String workerName() {
        return worker.profile.worker();
    }
}
