package io.accrete.coordinator.pool;

import io.accrete.protocol.wire.Epoch;
import io.accrete.protocol.wire.LeasedWork;

/** A task granted to one incarnation of a worker until a deadline. */
final class Lease {
    final Epoch epoch;
    final WorkerEntry worker;
    final JobTasks job;
    final JobTasks.Entry entry;
    final LeasedWork task;

    long deadlineNanos;
    long bytesDone;

    /** The worker has named it in a heartbeat: the grant has arrived. */
    boolean confirmed;

    /** The worker is done; the driver takes or refuses what it wrote, however long that takes. */
    boolean settling;

    Lease(Epoch epoch, WorkerEntry worker, Assigner.Choice choice, LeasedWork task, long deadline) {
        this.epoch = epoch;
        this.worker = worker;
        this.job = choice.job();
        this.entry = choice.entry();
        this.task = task;
        this.deadlineNanos = deadline;
    }

    String incarnation() {
        return worker.incarnation;
    }

    String workerName() {
        return worker.profile.worker();
    }
}
