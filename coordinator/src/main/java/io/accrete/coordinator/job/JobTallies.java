package io.accrete.coordinator.job;

import io.accrete.protocol.job.DurationCounts;
import io.accrete.protocol.merge.ShardReceipt;

import java.util.concurrent.atomic.AtomicReference;

/** What the directory and its jobs count together; they are actors, so it takes several threads. */
final class JobTallies {
    private final AtomicReference<DurationCounts> journal =
            new AtomicReference<>(DurationCounts.NONE);
    private final AtomicReference<ShardReceipt.Moved> moved =
            new AtomicReference<>(ShardReceipt.Moved.NONE);

    /** Events were written; it is measured from when they were decided on. */
    void written(long sinceNanos) {
        long took = System.nanoTime() - sinceNanos;
        journal.updateAndGet(counts -> counts.plus(took));
    }

    void received(ShardReceipt.Moved bytes) {
        moved.updateAndGet(sum -> sum.plus(bytes));
    }

    DurationCounts journal() {
        return journal.get();
    }

    ShardReceipt.Moved moved() {
        return moved.get();
    }
}
