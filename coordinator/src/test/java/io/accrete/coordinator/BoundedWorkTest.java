package io.accrete.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.coordinator.job.JobsException;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;

/** Threads that begin nothing before they are told to. */
class BoundedWorkTest {
    private final Deque<Runnable> threads = new ArrayDeque<>();
    private final BoundedWork work = new BoundedWork("reads figures", 2, threads::add);

    private CompletableFuture<String> begin(String result) {
        return work.begin(() -> result).toCompletableFuture();
    }

    @Test
    void whoeverComesTooManyIsSentAwayAndMayComeAgain() {
        CompletableFuture<String> first = begin("first");
        CompletableFuture<String> second = begin("second");
        assertThat(begin("third").exceptionNow())
                .isInstanceOfSatisfying(
                        JobsException.class,
                        e -> assertThat(e.kind()).isEqualTo(JobsException.Kind.AWAY))
                .hasMessage(
                        "this node reads figures for 2 others, the most that it may at once; ask"
                                + " again, or another node");

        threads.removeFirst().run();
        assertThat(first.resultNow()).isEqualTo("first");
        CompletableFuture<String> again = begin("third");
        threads.forEach(Runnable::run);
        assertThat(second.resultNow()).isEqualTo("second");
        assertThat(again.resultNow()).isEqualTo("third");
    }

    @Test
    void workThatNoThreadTakesLeavesItsPlace() {
        AtomicBoolean closed = new AtomicBoolean(true);
        BoundedWork one =
                new BoundedWork(
                        "reads figures",
                        1,
                        task -> {
                            if (closed.get()) {
                                throw new RejectedExecutionException("shut down");
                            }
                            task.run();
                        });
        assertThat(one.begin(() -> "first").toCompletableFuture().exceptionNow())
                .isInstanceOfSatisfying(
                        JobsException.class,
                        e -> assertThat(e.kind()).isEqualTo(JobsException.Kind.AWAY))
                .hasMessageContaining("begins nothing any more");
        closed.set(false);
        assertThat(one.begin(() -> "second").toCompletableFuture().resultNow()).isEqualTo("second");
    }

    @Test
    void workThatFailsLeavesItsPlace() {
        for (int time = 0; time < 5; time++) {
            CompletableFuture<String> failed =
                    work.<String>begin(
                                    () -> {
                                        throw new IOException("the disk is gone");
                                    })
                            .toCompletableFuture();
            threads.removeFirst().run();
            assertThat(failed.exceptionNow()).hasMessage("the disk is gone");
        }
    }
}
