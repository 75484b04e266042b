package io.accrete.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;

import com.typesafe.config.ConfigFactory;

import io.accrete.coordinator.job.Directory;
import io.accrete.coordinator.job.JobsException;
import io.accrete.protocol.job.JobView;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** A coordinator that is asked, and does not answer at once. */
class JobsClientTest {
    private static final ActorTestKit KIT = ActorTestKit.create();
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final TestProbe<CoordinatorGuardian.Command> coordinator = KIT.createTestProbe();

    @AfterAll
    static void shutDown() {
        KIT.shutdownTestKit();
    }

    private CompletableFuture<Optional<JobView>> view(String settings) {
        return JobsClient.of(
                        coordinator.getRef(),
                        KIT.system(),
                        CoordinatorSettings.from(
                                ConfigFactory.parseString(
                                                "accrete.coordinator { %s }".formatted(settings))
                                        .withFallback(ConfigFactory.load())))
                .view("job")
                .toCompletableFuture();
    }

    private Directory.View question() {
        CoordinatorGuardian.Command asked = coordinator.receiveMessage(PATIENCE);
        return (Directory.View) ((CoordinatorGuardian.Forward) asked).request();
    }

    @Test
    void aCoordinatorThatIsSlowIsHeardThoughItWasAskedAgain() {
        CompletableFuture<Optional<JobView>> answer =
                view("ask-again-after = 20ms, answer-timeout = 60s");
        Directory.View first = question();
        question();
        question();

        first.replyTo().tell(new Directory.Found(Optional.empty()));

        assertThat(answer).succeedsWithin(PATIENCE).isEqualTo(Optional.empty());
    }

    /** Whoever takes over is asked soon, also after a long time. */
    @Test
    void thePauseDoesNotGrow() {
        CompletableFuture<Optional<JobView>> answer =
                view("ask-again-after = 500ms, answer-timeout = 60s");
        long begin = System.nanoTime();
        for (int i = 0; i < 7; i++) {
            question();
        }
        question().replyTo().tell(new Directory.Found(Optional.empty()));

        assertThat(answer).succeedsWithin(PATIENCE);
        assertThat(Duration.ofNanos(System.nanoTime() - begin))
                .as("3.5 s, or 63.5 s where each pause is twice the one before")
                .isBetween(Duration.ofSeconds(3), PATIENCE);
    }

    @Test
    void whoHearsNothingIsToldSoInTime() {
        CompletableFuture<Optional<JobView>> answer =
                view("ask-again-after = 20ms, answer-timeout = 300ms");

        assertThat(answer)
                .failsWithin(PATIENCE)
                .withThrowableOfType(ExecutionException.class)
                .withCauseInstanceOf(JobsException.class)
                .withMessageContaining("did not answer within");
    }
}
