package io.accrete.worker.merge;

/** What connects a running task with whoever watches it; asked and told between two pieces. */
public interface ExecutionControl {
    /** Whether the task shall stop and leave nothing behind. */
    boolean isCancelled();

    /** That so many more bytes of the shard stand. */
    void advanced(long bytes);
}
