package io.accrete.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.accrete.protocol.http.JobDocument;
import io.accrete.protocol.http.JobNews;
import io.accrete.protocol.job.JobKind;
import io.accrete.remote.RemoteJobs.Verb;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** A client of several servers, of which some are away, busy, or silent. */
@Timeout(60)
class RemoteJobsTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final ClientPatience QUICK =
            new ClientPatience(LONG, Duration.ofMillis(10), Duration.ofMillis(500));
    private static final JobDocument DOCUMENT =
            new JobDocument(JobKind.MERGE, "recipe", "recipe.yml", null, "out", null);

    private static RemoteJobs client(String... servers) {
        return new RemoteJobs(
                ServerAddress.of(String.join(",", servers), Optional.of("secret")), QUICK);
    }

    private static void list(RemoteJobs jobs) throws Exception {
        assertThat(jobs.list(Optional.empty(), 1, Optional.empty()).jobs()).isEmpty();
    }

    @Test
    void whoIsAwayOrBusyIsPassedOverAndWhoAnswersIsRemembered() throws Exception {
        try (StandInServer busy = new StandInServer(exchange -> StandInServer.busy(exchange, "9"));
                StandInServer well =
                        new StandInServer(
                                exchange -> StandInServer.answer(exchange, "{\"jobs\": []}"));
                RemoteJobs jobs = client(StandInServer.NOBODY, busy.url(), well.url())) {
            list(jobs);
            list(jobs);

            assertThat(busy.asked()).hasSize(1);
            assertThat(well.asked())
                    .hasSize(2)
                    .allSatisfy(asked -> assertThat(asked.token()).contains("Bearer secret"));
        }
    }

    @Test
    void aClusterWithoutACoordinatorIsAskedAgain() throws Exception {
        AtomicInteger count = new AtomicInteger();
        try (StandInServer server =
                        new StandInServer(
                                exchange -> {
                                    if (count.incrementAndGet() < 3) {
                                        StandInServer.busy(exchange, "0");
                                    } else {
                                        StandInServer.answer(exchange, "{\"jobs\": []}");
                                    }
                                });
                RemoteJobs jobs = client(server.url())) {
            list(jobs);
            assertThat(server.asked()).hasSize(3);
        }
    }

    @Test
    void whoCannotAnswerInTimeIsNotWaitedFor() throws Exception {
        try (StandInServer server =
                        new StandInServer(exchange -> StandInServer.busy(exchange, "3600"));
                RemoteJobs jobs = client(server.url())) {
            ServerException refused = refused(() -> list(jobs));
            assertThat(refused).hasMessage("the coordinator moves");
            assertThat(refused.isPassing()).isTrue();
            assertThat(server.asked()).hasSize(1);
        }
    }

    @Test
    void aJobIsSubmittedAgainWithItsKey() throws Exception {
        try (StandInServer breaks = new StandInServer(StandInServer.BREAKS);
                StandInServer well =
                        new StandInServer(
                                exchange -> StandInServer.answer(exchange, StandInServer.JOB));
                RemoteJobs jobs = client(breaks.url(), well.url())) {
            assertThat(jobs.submit(DOCUMENT, "k").id()).isEqualTo("j");
            assertThat(breaks.asked()).extracting(StandInServer.Asked::key).contains(key());
            assertThat(well.asked()).extracting(StandInServer.Asked::key).containsExactly(key());
        }
    }

    private static Optional<String> key() {
        return Optional.of("k");
    }

    @Test
    void whatSteersAJobIsSentOnOnlyWhereItWasNotSeen() throws Exception {
        try (StandInServer breaks = new StandInServer(StandInServer.BREAKS);
                StandInServer busy =
                        new StandInServer(exchange -> StandInServer.busy(exchange, "0"));
                StandInServer well =
                        new StandInServer(
                                exchange -> StandInServer.answer(exchange, StandInServer.JOB))) {
            try (RemoteJobs jobs = client(breaks.url(), well.url())) {
                assertThat(refused(() -> jobs.steer("j", Verb.PAUSE)).problem()).isEmpty();
            }
            try (RemoteJobs jobs = client(busy.url(), well.url())) {
                assertThat(refused(() -> jobs.steer("j", Verb.PAUSE)).problem()).isPresent();
            }
            assertThat(well.asked()).isEmpty();

            try (RemoteJobs jobs = client(StandInServer.NOBODY, well.url())) {
                assertThat(jobs.steer("j", Verb.PAUSE).id()).isEqualTo("j");
            }
        }
    }

    /** However slow this machine is, each event is told once; without patience it would hang. */
    @Test
    void aStreamThatFallsSilentIsTakenUpByTheNextServer() throws Exception {
        List<Long> seen = new ArrayList<>();
        try (StandInServer silent =
                        new StandInServer(
                                exchange -> {
                                    StandInServer.events(exchange, 1);
                                    StandInServer.fallSilent();
                                });
                StandInServer well =
                        new StandInServer(
                                exchange -> {
                                    StandInServer.events(exchange, 3);
                                    exchange.close();
                                });
                RemoteJobs jobs = client(silent.url(), well.url())) {
            int broken = 0;
            while (!seen.contains(3L)) {
                long last = seen.isEmpty() ? 0 : seen.getLast();
                try (Stream<JobNews> events = jobs.events("j", last)) {
                    events.forEach(news -> seen.add(news.number()));
                } catch (UncheckedIOException e) {
                    broken++;
                }
            }
            assertThat(seen).containsExactly(1L, 2L, 3L);
            assertThat(broken).isPositive();
            assertThat(well.asked()).isNotEmpty();
        }
    }

    private interface Question {
        void ask() throws Exception;
    }

    private static ServerException refused(Question question) {
        ServerException refused = catchThrowableOfType(ServerException.class, question::ask);
        if (refused == null) {
            throw new AssertionError("it was answered");
        }
        return refused;
    }
}
