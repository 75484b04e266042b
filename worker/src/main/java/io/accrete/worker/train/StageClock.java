package io.accrete.worker.train;

import io.accrete.protocol.train.StageAction;
import io.accrete.protocol.train.StageLoad;

/** Measures how a stage spends the passes of a step. Confined to the thread of the stage. */
final class StageClock {
    private static final double NANOS = 1e9;

    private final long beginNanos = System.nanoTime();
    private long passNanos = beginNanos;
    private long endNanos = beginNanos;
    private long waitNanos;
    private long waitedNanos;
    private long forwardNanos;
    private long backwardNanos;

    void beginPass() {
        passNanos = System.nanoTime();
        waitedNanos = 0;
    }

    void beginWait() {
        waitNanos = System.nanoTime();
    }

    void endWait() {
        waitedNanos += System.nanoTime() - waitNanos;
    }

    void endPass(StageAction.Pass pass) {
        endNanos = System.nanoTime();
        long busy = endNanos - passNanos - waitedNanos;
        switch (pass) {
            case FORWARD -> forwardNanos += busy;
            case BACKWARD -> backwardNanos += busy;
        }
    }

    /** Without the memory, which is of the process and not of a stage. */
    StageLoad load() {
        return new StageLoad(
                forwardNanos / NANOS, backwardNanos / NANOS, (endNanos - beginNanos) / NANOS, 0);
    }
}
