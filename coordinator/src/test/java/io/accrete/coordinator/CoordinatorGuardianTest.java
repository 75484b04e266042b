package io.accrete.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.AskPattern;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;

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

    @TempDir private Path folder;

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
