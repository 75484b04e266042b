package io.accrete.worker;

import io.accrete.protocol.wire.Epoch;
import io.accrete.protocol.wire.LeasedWork;

import org.jspecify.annotations.Nullable;

import java.time.Duration;

/** A lease from its grant until the pool has settled what came of it. */
final class HeldTask {
    enum Stage {
        /** Granted while the slots were still taken. */
        WAITING,
        RUNNING,
        /** Cancelled, but still on its thread. */
        ENDING,
        /** Has an outcome, which the pool may not know yet. */
        ENDED
    }

    final Epoch epoch;
    final LeasedWork task;
    final long leaseNanos;
    Stage stage = Stage.WAITING;

    /** Whether the pool no longer wants to hear of it. */
    boolean unwanted;

    long deadlineNanos;
    @Nullable TaskOutcome outcome;
    long reportAtNanos;
    Duration reportAgainAfter;

    HeldTask(Epoch epoch, LeasedWork task, Duration lease, long nowNanos, Duration retry) {
        this.epoch = epoch;
        this.task = task;
        this.leaseNanos = lease.toNanos();
        this.deadlineNanos = nowNanos + leaseNanos;
        this.reportAgainAfter = retry;
    }

    boolean isLive() {
        return stage == Stage.WAITING || stage == Stage.RUNNING;
    }
}
