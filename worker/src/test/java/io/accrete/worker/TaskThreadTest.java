package io.accrete.worker;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.LoggingTestKit;

import io.accrete.protocol.wire.TaskFailure;
import io.accrete.worker.merge.TaskFailedException;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

class TaskThreadTest {
    private static final ActorTestKit KIT = ActorTestKit.create();
    private static final int PATIENCE_SECONDS = 30;

    @AfterAll
    static void shutDown() {
        KIT.shutdownTestKit();
    }

    @Test
    void whatNobodyExpectsIsLoggedWithItsTrace() {
        LoggingTestKit log =
                LoggingTestKit.error("failed as nobody expected")
                        .withCause(ArithmeticException.class);
        TaskFailure failure = log.expect(KIT.system(), () -> failure(_ -> zero()));

        assertThat(failure.kind()).isEqualTo(TaskFailure.Kind.INTERNAL);
        assertThat(failure.message()).isEqualTo("shard 3: java.lang.ArithmeticException: as a bug");
    }

    @Test
    void whatADiskDoesIsASentence() {
        TaskFailure failure = silent(_ -> unreadable());
        assertThat(failure.kind()).isEqualTo(TaskFailure.Kind.IO);
        assertThat(failure.message()).isEqualTo("shard 3: the disk is gone");
        TaskFailure said =
                silent(
                        _ -> {
                            throw new TaskFailedException(
                                    TaskFailure.Kind.DISK_FULL, "no room", null);
                        });
        assertThat(said.message()).isEqualTo("no room");
    }

    private static TaskOutcome zero() {
        throw new ArithmeticException("as a bug");
    }

    private static TaskOutcome unreadable() {
        throw new UncheckedIOException("the disk is gone", new IOException());
    }

    /** Nothing of it is an error in the log. */
    private static TaskFailure silent(TaskThread.Work work) {
        return LoggingTestKit.error("")
                .withOccurrences(0)
                .expect(KIT.system(), () -> failure(work));
    }

    private static TaskFailure failure(TaskThread.Work work) {
        CompletableFuture<TaskOutcome> outcome =
                TaskThread.start("task", "shard 3", Map.of(), work).outcome();
        return ((TaskOutcome.Undone) outcome.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join())
                .failure();
    }
}
