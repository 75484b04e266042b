package io.accrete.coordinator.merge;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AskPattern;
import akka.actor.typed.javadsl.Behaviors;

import com.typesafe.config.ConfigFactory;

import io.accrete.coordinator.Journal;
import io.accrete.coordinator.drive.JobFolders;
import io.accrete.coordinator.drive.ModelPublisher;
import io.accrete.coordinator.job.Directory;
import io.accrete.coordinator.job.DirectorySettings;
import io.accrete.coordinator.job.Driver;
import io.accrete.coordinator.job.DriverMessage;
import io.accrete.coordinator.job.JobCommand;
import io.accrete.coordinator.job.JobLimits;
import io.accrete.coordinator.job.JobReply;
import io.accrete.coordinator.job.JournalPatience;
import io.accrete.protocol.job.JobPhase;
import io.accrete.protocol.job.JobView;
import io.accrete.protocol.merge.CopiedBytes;
import io.accrete.protocol.merge.MergePlan;
import io.accrete.protocol.merge.PlanFile;
import io.accrete.protocol.merge.ShardReceipt;
import io.accrete.protocol.wire.TaskRef;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** A coordinator that ended in phase PUBLISHING: the next one finishes, without any worker. */
class PublishingRestartTest {
    private static final Duration DEADLINE = Duration.ofSeconds(60);

    @TempDir Path folder;
    private MergeScene scene;

    @BeforeEach
    void stopInThePhasePublishing() throws IOException {
        scene = MergeScene.in(folder);
        MergePlan plan = SmallPlan.copies(scene.source);
        PlanFile file = PlanFile.of(plan);
        Files.createDirectories(scene.staging.model());
        Files.write(scene.staging.plan(), file.json());
        SortedMap<Integer, ShardReceipt> receipts = new TreeMap<>();
        List<JobCommand> story = new ArrayList<>();
        story.add(
                new JobCommand.AcceptPlan(
                        scene.staging.plan().toString(),
                        file.sha256(),
                        plan.job(),
                        plan.model(),
                        plan.shards().size(),
                        List.of()));
        for (var shard : plan.shards()) {
            TaskRef task =
                    new TaskRef(
                            "j",
                            scene.staging.plan().toString(),
                            file.sha256(),
                            shard.index(),
                            scene.staging.shard(shard.file()).toString(),
                            CopiedBytes.MOVED);
            ShardReceipt receipt = StandInWorker.write(task, List.of());
            receipts.put(shard.index(), receipt);
            story.add(new JobCommand.ReceiveShard(receipt, "w", Optional.empty()));
        }
        new ModelPublisher(scene.staging, new JobFolders(List.of()), plan.job(), false)
                .prepare(
                        Provenance.of(scene.spec(), plan, receipts, Optional.empty(), "test")
                                .contents(plan));
        story.add(new JobCommand.StartPublishing());
        journal(story);
    }

    @Test
    void theRenameIsDone() throws IOException {
        assertThat(scene.output).doesNotExist();

        assertPublished();
    }

    @Test
    void aRenameThatWasDoneIsRecognised() throws IOException {
        Files.move(scene.staging.model(), scene.output);

        assertPublished();
    }

    private void assertPublished() throws IOException {
        try (RunningCoordinator coordinator = scene.start()) {
            JobView view = coordinator.runToEnd(scene.spec());

            assertThat(view.phase()).as(view.reason()).isEqualTo(JobPhase.SUCCEEDED);
            assertThat(MergeScene.summary(view).shardsResumed()).isEqualTo(MergeScene.SHARDS);
        }
        assertThat(scene.published()).contains("accrete.json", "config.json").hasSize(10);
    }

    /** A coordinator whose driver tells a story and then falls silent. */
    private void journal(List<JobCommand> story) throws IOException {
        CompletableFuture<ActorRef<Directory.Command>> directory = new CompletableFuture<>();
        try (Journal journal = Journal.open(scene.staging.journal())) {
            ActorSystem<Directory.TermBegun> system =
                    ActorSystem.create(
                            guardian(story, directory),
                            "story",
                            journal.config().withFallback(ConfigFactory.load()));
            JobReply reply =
                    RunningCoordinator.answer(
                            AskPattern.ask(
                                    RunningCoordinator.answer(directory),
                                    (ActorRef<JobReply> replyTo) ->
                                            new Directory.Submit(
                                                    scene.spec(), "key", "somebody", replyTo),
                                    DEADLINE,
                                    system.scheduler()));
            assertThat(reply).isInstanceOf(JobReply.Done.class);
            RunningCoordinator.answer(told);
            system.terminate();
            RunningCoordinator.answer(system.getWhenTerminated());
        }
    }

    private final CompletableFuture<Boolean> told = new CompletableFuture<>();

    private Behavior<Directory.TermBegun> guardian(
            List<JobCommand> story, CompletableFuture<ActorRef<Directory.Command>> directory) {
        return Behaviors.setup(
                context -> {
                    directory.complete(
                            context.spawn(
                                    Directory.create(
                                            new DirectorySettings(
                                                    new JobLimits(9, 9, 9),
                                                    DEADLINE,
                                                    DEADLINE,
                                                    Clock.systemUTC(),
                                                    JournalPatience.DEFAULT,
                                                    _ -> "merge-story"),
                                            context.getSelf()),
                                    "directory"));
                    return Behaviors.receiveMessage(
                            begun -> {
                                Driver driver = assignment -> teller(assignment, story);
                                begun.directory().tell(new Directory.Open(begun.term(), driver));
                                return Behaviors.same();
                            });
                });
    }

    private Behavior<DriverMessage> teller(Driver.Assignment assignment, List<JobCommand> story) {
        return Behaviors.setup(
                context -> {
                    story.forEach(
                            command ->
                                    assignment
                                            .job()
                                            .tell(
                                                    new Driver.Report(
                                                            assignment.generation(),
                                                            command,
                                                            context.getSelf())));
                    return Behaviors.receiveMessage(
                            message -> {
                                if (message
                                                instanceof
                                                DriverMessage.Recorded(var command, var state)
                                        && command instanceof JobCommand.StartPublishing) {
                                    told.complete(true);
                                }
                                return Behaviors.same();
                            });
                });
    }
}
