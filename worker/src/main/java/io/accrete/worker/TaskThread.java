package io.accrete.worker;

import io.accrete.protocol.wire.TaskFailure;
import io.accrete.worker.merge.ExecutionControl;
import io.accrete.worker.merge.TaskFailedException;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/** A task on a thread of its own, and what its agent may ask of it meanwhile. */
final class TaskThread implements ExecutionControl {
    private final AtomicLong bytesDone = new AtomicLong();
    private final CompletableFuture<TaskOutcome> outcome = new CompletableFuture<>();
    private final String what;
    private final Thread thread;
    private final boolean interruptible;
    private volatile boolean cancelled;

    private TaskThread(String name, String what, boolean interruptible, Work work) {
        this.what = what;
        this.interruptible = interruptible;
        this.thread = Thread.ofPlatform().daemon().name(name).unstarted(() -> run(work));
    }

    /** What the thread does. */
    @FunctionalInterface
    interface Work {
        TaskOutcome of(ExecutionControl control) throws TaskFailedException, InterruptedException;
    }

    /**
     * Work that asks now and then whether it is cancelled.
     *
     * @param what it is about, in messages
     */
    static TaskThread start(String name, String what, Work work) {
        return started(new TaskThread(name, what, false, work));
    }

    /** Waits for work to do, until it is interrupted. */
    interface Service {
        void serve() throws InterruptedException;
    }

    /** What has no result and ends only when it is cancelled. */
    static TaskThread startInterruptible(String name, String what, Service service) {
        return started(
                new TaskThread(
                        name,
                        what,
                        true,
                        _ -> {
                            service.serve();
                            return undone(TaskFailure.Kind.ABANDONED, "it ended");
                        }));
    }

    private static TaskThread started(TaskThread thread) {
        thread.thread.start();
        return thread;
    }

    private void run(Work work) {
        try {
            outcome.complete(work.of(this));
        } catch (TaskFailedException e) {
            outcome.complete(new TaskOutcome.Undone(e.failure()));
        } catch (InterruptedException e) {
            outcome.complete(undone(TaskFailure.Kind.ABANDONED, "it was called back"));
        } catch (RuntimeException | Error e) {
            outcome.complete(undone(TaskFailure.Kind.INTERNAL, what + ": " + e));
        }
    }

    private static TaskOutcome.Undone undone(TaskFailure.Kind kind, String message) {
        return new TaskOutcome.Undone(new TaskFailure(kind, message));
    }

    CompletableFuture<TaskOutcome> outcome() {
        return outcome;
    }

    void cancel() {
        cancelled = true;
        if (interruptible) {
            thread.interrupt();
        }
    }

    long bytesDone() {
        return bytesDone.get();
    }

    @Override
    public boolean isCancelled() {
        return cancelled;
    }

    @Override
    public void advanced(long bytes) {
        bytesDone.addAndGet(bytes);
    }
}
