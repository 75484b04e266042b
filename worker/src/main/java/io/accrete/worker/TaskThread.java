package io.accrete.worker;

import io.accrete.protocol.wire.TaskFailure;
import io.accrete.worker.merge.ExecutionControl;
import io.accrete.worker.merge.TaskFailedException;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

import java.io.UncheckedIOException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/** A task on a thread of its own, and what its agent may ask of it meanwhile. */
final class TaskThread implements ExecutionControl {
    private static final Logger LOG = LoggerFactory.getLogger(TaskThread.class);

    private final AtomicLong bytesDone = new AtomicLong();
    private final CompletableFuture<TaskOutcome> outcome = new CompletableFuture<>();
    private final String what;
    private final Map<String, String> about;
    private final Thread thread;
    private final boolean interruptible;
    private volatile boolean cancelled;

    private TaskThread(
            String name, String what, Map<String, String> about, boolean interruptible, Work work) {
        this.what = what;
        this.about = Map.copyOf(about);
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
     * @param about in each line of the log that the thread writes, as {@code LogFields} name it
     */
    static TaskThread start(String name, String what, Map<String, String> about, Work work) {
        return started(new TaskThread(name, what, about, false, work));
    }

    /** Waits for work to do, until it is interrupted. */
    interface Service {
        void serve() throws InterruptedException;
    }

    /** What has no result and ends only when it is cancelled. */
    static TaskThread startInterruptible(
            String name, String what, Map<String, String> about, Service service) {
        return started(
                new TaskThread(
                        name,
                        what,
                        about,
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
        MDC.setContextMap(about);
        LOG.debug("begins");
        TaskOutcome end = outcome(work);
        switch (end) {
            case TaskOutcome.Done _ -> LOG.info("done");
            case TaskOutcome.Undone(TaskFailure failure) ->
                    LOG.info("not done: {}", failure.message());
        }
        outcome.complete(end);
    }

    private TaskOutcome outcome(Work work) {
        try {
            return work.of(this);
        } catch (TaskFailedException e) {
            return new TaskOutcome.Undone(e.failure());
        } catch (InterruptedException e) {
            return undone(TaskFailure.Kind.ABANDONED, "it was called back");
        } catch (UncheckedIOException e) {
            return undone(TaskFailure.Kind.IO, what + ": " + e.getMessage());
        } catch (RuntimeException | Error e) {
            LOG.error("failed as nobody expected", e);
            return undone(TaskFailure.Kind.INTERNAL, what + ": " + e);
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
