package io.accrete.local;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Ctrl-C and SIGTERM, and the one budget that a run has to answer them: whatever blocks a run waits
 * here, so that it hears the signal at once. A run that does not answer in time is ended all the
 * same, with the same sentence: everything is recoverable, so nothing else need be waited for.
 */
public final class StopSignal implements AutoCloseable {
    /** Two seconds are promised; the rest of them is for the process to end. */
    static final Duration BUDGET = Duration.ofMillis(1_500);

    private final CompletableFuture<Void> asked = new CompletableFuture<>();
    private final CountDownLatch answered = new CountDownLatch(1);
    private final AtomicBoolean said = new AtomicBoolean();
    private final Thread hook = Thread.ofPlatform().name("stop-signal").unstarted(this::onSignal);
    private final Consumer<String> listener;
    private volatile String sentence =
            "stopped while it began; the same command goes on from what is saved";

    private StopSignal(Consumer<String> listener) {
        this.listener = listener;
    }

    /** Somebody wants the run to stop. */
    static final class Stopped extends Exception {
        private static final long serialVersionUID = 1;
    }

    /**
     * Listens until closed.
     *
     * @param listener is told, once, where the run was stopped and how to go on
     */
    public static StopSignal listen(Consumer<String> listener) {
        StopSignal signal = new StopSignal(listener);
        Runtime.getRuntime().addShutdownHook(signal.hook);
        return signal;
    }

    /** What the end of the process does first: it waits for the run, though not for long. */
    void onSignal() {
        asked.complete(null);
        try {
            if (answered.await(BUDGET.toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        say();
    }

    /** Tells where the run was stopped, unless that was told before. */
    public void say() {
        if (said.compareAndSet(false, true)) {
            listener.accept(sentence);
        }
    }

    /** What is said if the run stops now. */
    void reached(String where) {
        sentence = where;
    }

    /** Asks the run to stop, as a signal would. */
    void raise() {
        asked.complete(null);
    }

    /**
     * Waits for the time, or less.
     *
     * @throws Stopped as soon as somebody wants the run to stop
     */
    void sleep(Duration time) throws Stopped, InterruptedException {
        try {
            asked.get(time.toNanos(), TimeUnit.NANOSECONDS);
            throw new Stopped();
        } catch (TimeoutException nobodyAsked) {
            return;
        } catch (ExecutionException e) {
            throw new IllegalStateException("it is never completed with a failure", e);
        }
    }

    /**
     * Waits for the answer.
     *
     * @throws Stopped as soon as somebody wants the run to stop
     */
    <T> T await(CompletionStage<T> answer)
            throws Stopped, InterruptedException, ExecutionException {
        CompletableFuture<T> future = answer.toCompletableFuture();
        CompletableFuture.anyOf(asked, future).exceptionally(failure -> null).get();
        if (asked.isDone()) {
            throw new Stopped();
        }
        return future.get();
    }

    /**
     * Does the work on a thread of its own, which is left behind if the run is stopped meanwhile.
     *
     * @throws Stopped as soon as somebody wants the run to stop
     */
    <T> T await(String thread, Callable<T> work)
            throws Stopped, InterruptedException, ExecutionException {
        CompletableFuture<T> done = new CompletableFuture<>();
        FutureTask<T> task = new FutureTask<>(work);
        Thread.ofPlatform()
                .daemon()
                .name(thread)
                .start(
                        () -> {
                            task.run();
                            try {
                                done.complete(task.get());
                            } catch (ExecutionException e) {
                                done.completeExceptionally(e.getCause());
                            } catch (InterruptedException e) {
                                done.completeExceptionally(e);
                            }
                        });
        return await(done);
    }

    @Override
    public void close() {
        answered.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException processIsEnding) {
            return;
        }
    }
}
