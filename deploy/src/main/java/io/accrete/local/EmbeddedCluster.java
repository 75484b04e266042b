package io.accrete.local;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.Props;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;

import io.accrete.coordinator.CoordinatorGuardian;
import io.accrete.coordinator.CoordinatorSettings;
import io.accrete.coordinator.Jobs;
import io.accrete.coordinator.JobsClient;
import io.accrete.coordinator.Journal;
import io.accrete.coordinator.merge.MergePlanning;
import io.accrete.coordinator.merge.Planner;
import io.accrete.coordinator.plan.PlanOutcome;
import io.accrete.protocol.job.JobSpec;
import io.accrete.worker.WorkerAgent;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A coordinator and some workers in this process, with a journal in a folder. */
final class EmbeddedCluster implements AutoCloseable {
    /** Everything is recoverable, so nothing is waited for that does not end by itself. */
    private static final Duration END = Duration.ofMillis(1_200);

    /**
     * One process that answers to nobody: no remoting, the signals are the command line's, and
     * whoever asks may wait, since nobody else could answer sooner.
     */
    private static final Config SETTINGS =
            ConfigFactory.parseMap(
                    Map.of(
                            "accrete.coordinator.answer-timeout", "5m",
                            "akka.actor.provider", "local",
                            "akka.jvm-shutdown-hooks", "off",
                            "akka.coordinated-shutdown.run-by-jvm-shutdown-hook", "off",
                            "akka.coordinated-shutdown.terminate-actor-system", "on",
                            "akka.coordinated-shutdown.exit-jvm", "off",
                            "akka.loggers", List.of("akka.event.slf4j.Slf4jLogger"),
                            "akka.logging-filter", "akka.event.slf4j.Slf4jLoggingFilter",
                            "akka.log-dead-letters", "off",
                            "akka.loglevel", "WARNING"));

    private final Journal journal;
    private final ActorSystem<CoordinatorGuardian.Command> system;
    private final Jobs jobs;

    private EmbeddedCluster(
            Journal journal, ActorSystem<CoordinatorGuardian.Command> system, Jobs jobs) {
        this.journal = journal;
        this.system = system;
        this.jobs = jobs;
    }

    static EmbeddedCluster start(Path journalFolder, int workers) throws IOException {
        Journal journal = Journal.open(journalFolder);
        Config config =
                journal.config()
                        .withFallback(SETTINGS)
                        .withFallback(ConfigFactory.load())
                        .resolve();
        CoordinatorSettings settings = CoordinatorSettings.from(config);
        ActorSystem<CoordinatorGuardian.Command> system =
                ActorSystem.create(
                        CoordinatorGuardian.create(settings, EmbeddedCluster::plan),
                        "accrete",
                        config);
        for (int worker = 1; worker <= workers; worker++) {
            String name = "worker-" + worker;
            system.systemActorOf(WorkerAgent.create(name), name, Props.empty());
        }
        return new EmbeddedCluster(journal, system, JobsClient.of(system, system, settings));
    }

    private static Planner.Outcome plan(JobSpec spec) {
        PlanOutcome outcome = MergePlanning.plan(spec);
        return new Planner.Outcome(outcome.plan(), outcome.problems());
    }

    Jobs jobs() {
        return jobs;
    }

    @Override
    public void close() throws IOException {
        system.terminate();
        try {
            system.getWhenTerminated()
                    .toCompletableFuture()
                    .get(END.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException stillBusy) {
            system.log().warn("actors were still busy after {}", END);
        }
        journal.close();
    }
}
