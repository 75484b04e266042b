package io.accrete.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;

class StopSignalTest {
    private final List<String> said = new ArrayList<>();

    @Test
    void waitsForNothingOnceItIsRaised() {
        CountDownLatch never = new CountDownLatch(1);
        try (StopSignal stop = StopSignal.listen(said::add)) {
            stop.raise();
            assertThatThrownBy(
                            () ->
                                    stop.await(
                                            "endless",
                                            () -> {
                                                never.await();
                                                return 1;
                                            }))
                    .isInstanceOf(StopSignal.Stopped.class);
            assertThatThrownBy(() -> stop.await(new CompletableFuture<>()))
                    .isInstanceOf(StopSignal.Stopped.class);
            assertThatThrownBy(() -> stop.sleep(Duration.ofDays(1)))
                    .isInstanceOf(StopSignal.Stopped.class);
        }
        never.countDown();
    }

    @Test
    void givesAnswersAndFailuresAsTheyAre() throws Exception {
        try (StopSignal stop = StopSignal.listen(said::add)) {
            assertThat(stop.await("work", () -> 7)).isEqualTo(7);
            stop.sleep(Duration.ofMillis(1));
            IOException failure = new IOException("no");
            assertThatThrownBy(
                            () ->
                                    stop.await(
                                            "work",
                                            () -> {
                                                throw failure;
                                            }))
                    .isInstanceOf(ExecutionException.class)
                    .hasCause(failure);
        }
        assertThat(said).isEmpty();
    }

    @Test
    void saysHowToGoOnAtTheEndOfItsPatience() {
        long start = System.nanoTime();
        try (StopSignal stop = StopSignal.listen(said::add)) {
            stop.reached("stopped in step 2; the same command goes on");
            stop.onSignal();
            stop.say();
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .isGreaterThanOrEqualTo(StopSignal.BUDGET);
        assertThat(said).containsExactly("stopped in step 2; the same command goes on");
    }

    @Test
    void leavesTheSentenceToARunThatAnswers() {
        StopSignal stop = StopSignal.listen(said::add);
        stop.reached("stopped in step 2; the same command goes on");
        stop.close();

        stop.onSignal();

        assertThat(said).isEmpty();
    }

    @Test
    void saysOnceWhereItStopped() {
        try (StopSignal stop = StopSignal.listen(said::add)) {
            stop.say();
            stop.say();
        }
        try (StopSignal stop = StopSignal.listen(said::add)) {
            stop.reached("stopped in step 3; the same command goes on");
            stop.say();
        }
        assertThat(said)
                .containsExactly(
                        "stopped while it began; the same command goes on from what is saved",
                        "stopped in step 3; the same command goes on");
    }
}
