package io.accrete.protocol.job;

/** Where a job is in its life. Terminal phases never change. */
public enum JobPhase {
    /** Accepted, not begun. */
    QUEUED,
    /** The recipe is being proven against the headers of its sources. */
    PLANNING,
    /** Tasks are granted to workers. */
    RUNNING,
    /** A new coordinator takes stock of what is done. */
    RECOVERING,
    /** No task is granted until it is resumed. */
    PAUSED,
    /** Tasks in flight are called back. */
    CANCELLING,
    /** All shards are there; the result is being made visible. */
    PUBLISHING,
    /** The result is published and verified. */
    SUCCEEDED,
    /** It ended without a result; the reason says why. */
    FAILED,
    /** It was cancelled; nothing was published. */
    CANCELLED;

    public boolean isTerminal() {
        return switch (this) {
            case SUCCEEDED, FAILED, CANCELLED -> true;
            case QUEUED, PLANNING, RUNNING, RECOVERING, PAUSED, CANCELLING, PUBLISHING -> false;
        };
    }
}
