package io.accrete.worker;

import io.accrete.protocol.wire.Epoch;
import io.accrete.protocol.wire.TaskFailure;
import io.accrete.protocol.wire.TaskRef;
import io.accrete.worker.merge.ExecutionControl;
import io.accrete.worker.merge.TaskExecutor;
import io.accrete.worker.merge.TaskFailedException;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/** A task on a thread of its own, and what its agent may ask of it meanwhile. */
final class TaskThread implements ExecutionControl {
    private final AtomicLong bytesDone = new AtomicLong();
    private final CompletableFuture<TaskOutcome> outcome = new CompletableFuture<>();
    private volatile boolean cancelled;

    private TaskThread() {}

    static TaskThread start(String worker, Epoch epoch, TaskRef task, TaskExecutor executor) {
        TaskThread thread = new TaskThread();
        Thread.ofPlatform()
                .daemon()
                .name("accrete-%s-%s".formatted(worker, epoch))
                .start(() -> thread.run(task, executor));
        return thread;
    }

    private void run(TaskRef task, TaskExecutor executor) {
        try {
            outcome.complete(new TaskOutcome.Done(executor.execute(task, this)));
        } catch (TaskFailedException e) {
            outcome.complete(new TaskOutcome.Undone(e.failure()));
        } catch (RuntimeException | Error e) {
            String message = "%s: %s".formatted(task.target(), e);
            outcome.complete(
                    new TaskOutcome.Undone(new TaskFailure(TaskFailure.Kind.INTERNAL, message)));
        }
    }

    CompletableFuture<TaskOutcome> outcome() {
        return outcome;
    }

    void cancel() {
        cancelled = true;
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
