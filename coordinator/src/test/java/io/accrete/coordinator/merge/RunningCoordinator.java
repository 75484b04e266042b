package io.accrete.coordinator.merge;

import static org.awaitility.Awaitility.await;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.Props;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;

import io.accrete.coordinator.CoordinatorGuardian;
import io.accrete.coordinator.CoordinatorSettings;
import io.accrete.coordinator.JobsClient;
import io.accrete.coordinator.Journal;
import io.accrete.coordinator.job.JobQuery;
import io.accrete.coordinator.job.Jobs;
import io.accrete.coordinator.job.ListReply;
import io.accrete.protocol.job.JobPhase;
import io.accrete.protocol.job.JobSpec;
import io.accrete.protocol.job.JobView;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;

/** A coordinator over an H2 journal in this process, as the launcher starts it. */
final class RunningCoordinator implements AutoCloseable {
    private static final Duration DEADLINE = Duration.ofSeconds(60);

    private final Journal journal;
    private final ActorSystem<CoordinatorGuardian.Command> system;
    private final Jobs jobs;

    private RunningCoordinator(
            Journal journal, ActorSystem<CoordinatorGuardian.Command> system, Jobs jobs) {
        this.journal = journal;
        this.system = system;
        this.jobs = jobs;
    }

    static RunningCoordinator start(Path journalFolder, Planner planner) throws IOException {
        Journal journal = Journal.open(journalFolder);
        Config config =
                ConfigFactory.parseString(
                                """
                                akka.loglevel = WARNING
                                akka.log-dead-letters = off
                                accrete.coordinator {
                                  lease = 700ms, tick = 100ms, back-off = 50ms
                                  numeric-class-grace = 500ms
                                }
                                """)
                        .withFallback(journal.config())
                        .withFallback(ConfigFactory.load());
        CoordinatorSettings settings = CoordinatorSettings.from(config);
        ActorSystem<CoordinatorGuardian.Command> system =
                ActorSystem.create(
                        CoordinatorGuardian.create(settings, planner), "accrete", config);
        return new RunningCoordinator(journal, system, JobsClient.of(system, system, settings));
    }

    RunningCoordinator worker(String name, StandInWorker.Script script) {
        return worker(name, "class-a", script);
    }

    RunningCoordinator worker(String name, String numericClass, StandInWorker.Script script) {
        system.systemActorOf(StandInWorker.create(name, numericClass, script), name, Props.empty());
        return this;
    }

    Jobs jobs() {
        return jobs;
    }

    JobView submit(JobSpec spec) {
        return submit(spec, UUID.randomUUID().toString());
    }

    JobView submit(JobSpec spec, String key) {
        return answer(jobs.submit(spec, key, "somebody"));
    }

    /** The newest hundred. */
    List<JobView> list() {
        return ((ListReply.Page) answer(jobs.list(JobQuery.newest(100)))).jobs();
    }

    JobView view(String job) {
        return answer(jobs.view(job)).orElseThrow();
    }

    JobView runToEnd(JobSpec spec) {
        String job = submit(spec).id();
        return until(job, view -> view.phase().isTerminal() || view.phase() == JobPhase.PAUSED);
    }

    JobView until(String job, Predicate<JobView> condition) {
        return await().atMost(DEADLINE)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> view(job), condition);
    }

    /** As if the database had been killed: what was committed stays, connections are lost. */
    void breakJournal() throws SQLException {
        String url = system.settings().config().getString("jdbc-journal.slick.db.url");
        try (Connection connection = DriverManager.getConnection(url, "sa", "");
                Statement statement = connection.createStatement()) {
            statement.execute("SHUTDOWN IMMEDIATELY");
        }
    }

    static <T> T answer(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException refusal) {
                throw refusal;
            }
            throw new AssertionError(e);
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() throws IOException {
        system.terminate();
        answer(system.getWhenTerminated());
        journal.close();
    }
}
