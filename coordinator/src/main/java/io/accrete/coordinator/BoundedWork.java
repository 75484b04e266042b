package io.accrete.coordinator;

import io.accrete.coordinator.job.JobsException;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;

/** Work of one sort, only so much at the same time; whoever comes too many may come again. */
final class BoundedWork {
    private final String what;
    private final int most;
    private final Semaphore free;
    private final Executor threads;

    /**
     * @param what this node does so often, as a sentence goes on after it
     */
    BoundedWork(String what, int most, Executor threads) {
        this.what = what;
        this.most = most;
        this.free = new Semaphore(most);
        this.threads = threads;
    }

    /** Fails where there is too much of it, or as the work does. */
    <T> CompletionStage<T> begin(Callable<T> work) {
        if (!free.tryAcquire()) {
            return CompletableFuture.failedStage(
                    new JobsException(
                            JobsException.Kind.AWAY,
                            "this node %s for %d others, the most that it may at once; ask"
                                            .formatted(what, most)
                                    + " again, or another node",
                            null));
        }
        try {
            return CompletableFuture.supplyAsync(
                    () -> {
                        try {
                            return work.call();
                        } catch (Exception e) {
                            throw new CompletionException(e);
                        } finally {
                            free.release();
                        }
                    },
                    threads);
        } catch (RejectedExecutionException e) {
            free.release();
            return CompletableFuture.failedStage(
                    new JobsException(
                            JobsException.Kind.AWAY,
                            "this node ends and begins nothing any more; ask another one",
                            e));
        }
    }
}
