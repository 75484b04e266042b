package io.accrete.worker.merge;

/** Counts what a task reports, and cancels it after so many bytes. */
final class RecordingControl implements ExecutionControl {
    private final long cancelAfterBytes;
    private volatile long bytes;

    RecordingControl() {
        this(Long.MAX_VALUE);
    }

    RecordingControl(long cancelAfterBytes) {
        this.cancelAfterBytes = cancelAfterBytes;
    }

    long bytes() {
        return bytes;
    }

    @Override
    public boolean isCancelled() {
        return bytes >= cancelAfterBytes;
    }

    @Override
    public synchronized void advanced(long more) {
        bytes += more;
    }
}
