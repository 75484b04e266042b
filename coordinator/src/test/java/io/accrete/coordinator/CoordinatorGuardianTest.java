package io.accrete.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.AskPattern;
import akka.persistence.testkit.PersistenceTestKitPlugin;
import akka.persistence.testkit.javadsl.PersistenceTestKit;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;

import io.accrete.coordinator.job.JournalPatience;
import io.accrete.coordinator.merge.MergePlanning;
import io.accrete.coordinator.pool.WorkerPool;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;

class CoordinatorGuardianTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** More than one directory makes. */
    private static final int READS_IN_VAIN = 5;

    @TempDir private Path folder;

    /** As a database that is away for longer than the directory of jobs puts up with. */
    @Test
    void aSingletonBeginsAnewHoweverLongItsJournalIsAway() {
        ActorTestKit kit =
                ActorTestKit.create(
                        PersistenceTestKitPlugin.getInstance()
                                .config()
                                .withFallback(ConfigFactory.load()));
        try {
            PersistenceTestKit.create(kit.system()).failNextNReads("directory", READS_IN_VAIN);
            ActorRef<CoordinatorGuardian.Command> coordinator =
                    kit.spawn(
                            CoordinatorGuardian.restarting(
                                    CoordinatorSettings.from(kit.system().settings().config()),
                                    MergePlanning::prove,
                                    new JournalPatience(
                                            Duration.ofMillis(1), Duration.ofMillis(2), 2)));
            TestProbe<WorkerPool.Workers> workers = kit.createTestProbe();
            WorkerPool.Workers answer =
                    workers.awaitAssert(
                            PATIENCE,
                            () -> {
                                coordinator.tell(
                                        new CoordinatorGuardian.ListWorkers(workers.getRef()));
                                return workers.receiveMessage(Duration.ofSeconds(1));
                            });
            assertThat(answer.workers()).isEmpty();
        } finally {
            kit.shutdownTestKit();
        }
    }

    /** The journal is read meanwhile. */
    @Test
    void whoAsksForThePoolBeforeTheFirstTermIsAnsweredOnceItHasBegun() throws Exception {
        try (Journal journal = Journal.open(folder.resolve("journal"))) {
            Config config = journal.config().withFallback(ConfigFactory.load());
            ActorSystem<CoordinatorGuardian.Command> system =
                    ActorSystem.create(
                            CoordinatorGuardian.create(
                                    CoordinatorSettings.from(config), MergePlanning::prove),
                            "accrete",
                            config);
            try {
                CompletionStage<WorkerPool.Workers> workers =
                        AskPattern.ask(
                                system,
                                CoordinatorGuardian.ListWorkers::new,
                                PATIENCE,
                                system.scheduler());
                assertThat(workers.toCompletableFuture())
                        .succeedsWithin(PATIENCE)
                        .isEqualTo(new WorkerPool.Workers(List.of()));
            } finally {
                system.terminate();
                system.getWhenTerminated().toCompletableFuture().get();
            }
        }
    }
}
