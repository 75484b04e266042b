package io.accrete.local;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;

import io.accrete.coordinator.finetune.TrainPlanning;
import io.accrete.protocol.fixture.CourseBearings;
import io.accrete.protocol.fixture.TinyModels;
import io.accrete.protocol.job.JobKind;
import io.accrete.protocol.job.JobSpec;
import io.accrete.protocol.job.MergeOptions;
import io.accrete.protocol.job.StageBudget;
import io.accrete.protocol.train.TrainingFile;
import io.accrete.protocol.wire.Epoch;
import io.accrete.protocol.wire.LinkAddress;
import io.accrete.protocol.wire.LinkSecret;
import io.accrete.protocol.wire.Seating;
import io.accrete.protocol.wire.StageAnswer;
import io.accrete.protocol.wire.StageCommand;
import io.accrete.protocol.wire.StageRef;
import io.accrete.protocol.wire.WorkerProfile;
import io.accrete.worker.WorkerSettings;
import io.accrete.worker.link.LinkServer;
import io.accrete.worker.pipeline.StageDoor;
import io.accrete.worker.pipeline.StageHost;
import io.accrete.worker.pipeline.StageInbox;
import io.accrete.worker.tensor.ComputeDevice;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Two groups of stages as in two processes, one of which ends while the other waits. */
class IdleStageTest {
    private static final ActorTestKit KIT = ActorTestKit.create();
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    @TempDir private Path folder;

    private final TestProbe<StageAnswer> driver = KIT.createTestProbe();
    private final List<Thread> threads = new ArrayList<>();
    private TrainingFile plan = new TrainingFile(new byte[0], "");

    @AfterAll
    static void endSystem() {
        KIT.shutdownTestKit();
    }

    @BeforeEach
    void writePlan() throws IOException {
        TinyModels.llama().write(folder.resolve("a"));
        Files.writeString(
                folder.resolve("rows.jsonl"), "{\"input_ids\": [1, 5, 9, 13]}\n".repeat(8));
        JobSpec spec =
                new JobSpec(
                        JobKind.TRAIN,
                        "job.yml",
                        """
                        model: a
                        data: {train: [rows.jsonl], sequence_length: 4, pack: false}
                        batch: {micro_batch: 2, accumulate: 2}
                        pipeline: {stages: 2}
                        """,
                        folder.resolve("out").toString(),
                        MergeOptions.defaults(folder.toString()),
                        new StageBudget(2, 1L << 30, 0));
        plan = TrainingFile.of(TrainPlanning.prepare(spec).training().orElseThrow());
        Files.write(folder.resolve("plan.json"), plan.json());
    }

    private static LinkServer server() throws IOException {
        LinkAddress any = new LinkAddress("127.0.0.1", 0);
        return LinkServer.open(any, any, WorkerSettings.links(KIT.system().settings().config()));
    }

    /** Whom to tell what the group is to do. */
    private ActorRef<StageCommand> hold(int group, LinkServer server) {
        StageRef held =
                new StageRef(
                        "job",
                        folder.resolve("plan.json").toString(),
                        plan.sha256(),
                        group,
                        2,
                        driver.getRef());
        StageInbox inbox = new StageInbox();
        WorkerProfile profile =
                new WorkerProfile("w", "h", 1, 1, "c", "1", Optional.of(server.address()), null);
        KIT.spawn(StageDoor.create(held, new Epoch(1, 1 + group), profile, inbox));
        StageHost host = new StageHost(held, inbox, Optional.of(server), new ComputeDevice.Cpu());
        threads.add(
                Thread.ofPlatform()
                        .start(
                                () -> {
                                    try {
                                        host.serve();
                                    } catch (InterruptedException e) {
                                        Thread.currentThread().interrupt();
                                    }
                                }));
        return driver.expectMessageClass(StageAnswer.Arrived.class, PATIENCE).host();
    }

    @Test
    void aGroupThatWaitsSaysAtOnceThatAnotherIsGone() throws Exception {
        LinkServer other = server();
        try (LinkServer own = server()) {
            ActorRef<StageCommand> waiting = hold(0, own);
            ActorRef<StageCommand> dying = hold(1, other);
            Seating seating =
                    new Seating(
                            0,
                            new LinkSecret("s"),
                            List.of(0, 1),
                            List.of(Optional.of(own.address()), Optional.of(other.address())));
            StageCommand begin =
                    new StageCommand.Begin(
                            0, 0, Optional.empty(), false, seating, CourseBearings.at(1));
            waiting.tell(begin);
            dying.tell(begin);
            driver.expectMessageClass(StageAnswer.Begun.class, PATIENCE);
            driver.expectMessageClass(StageAnswer.Begun.class, PATIENCE);
            driver.expectNoMessage();

            other.close();
            StageAnswer.EdgeBroken told =
                    driver.expectMessageClass(StageAnswer.EdgeBroken.class, PATIENCE);
            assertThat(told.group()).isZero();
            assertThat(told.command()).isEqualTo(1);
            assertThat(told.refusing()).containsExactly(other.address());

            // What is commanded before the driver hears of it needs no edge, but is not to be done.
            waiting.tell(new StageCommand.Settle(0, Optional.empty(), 0, CourseBearings.at(2)));
            assertThat(driver.expectMessageClass(StageAnswer.EdgeBroken.class, PATIENCE).command())
                    .isEqualTo(2);
        } finally {
            threads.forEach(Thread::interrupt);
        }
    }
}
