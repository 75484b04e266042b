package io.accrete.coordinator.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.accrete.protocol.job.JobPhase;
import io.accrete.protocol.job.JobView;
import io.accrete.protocol.job.MergeOptions;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.job.ReasonCode;
import io.accrete.protocol.wire.TaskFailure;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

class MergeJobTest {
    @TempDir Path folder;
    private MergeScene scene;

    @BeforeEach
    void makeSource() throws IOException {
        scene = MergeScene.in(folder);
    }

    @Test
    void aMergeIsPublishedWithAllItsFiles() throws IOException {
        try (RunningCoordinator coordinator = scene.start()) {
            coordinator.worker("a", MergeScene.WRITES).worker("b", MergeScene.WRITES);

            JobView view = coordinator.runToEnd(scene.spec());

            assertThat(view.phase()).as(view.reason()).isEqualTo(JobPhase.SUCCEEDED);
            assertThat(view.reasonCode()).isEqualTo(ReasonCode.PUBLISHED.name());
            assertThat(view.progress().tasksDone()).isEqualTo(MergeScene.SHARDS);
            assertThat(MergeScene.summary(view).bytesCopied()).isEqualTo(6 * 128);
        }
        assertThat(scene.published())
                .containsExactly(
                        "accrete.json",
                        "config.json",
                        "model-00001.safetensors",
                        "model-00002.safetensors",
                        "model-00003.safetensors",
                        "model-00004.safetensors",
                        "model-00005.safetensors",
                        "model-00006.safetensors",
                        "model.safetensors.index.json",
                        "tokenizer.json");
        assertThat(scene.staging.model()).doesNotExist();
        assertThat(Files.readString(scene.output.resolve("accrete.json")))
                .contains("\"job\" : \"digest-", "\"sites\"", "\"header_sha256\"", "\"settings\"");
    }

    @Test
    void aRefusedPlanLeavesNothingButItsReason() throws IOException {
        Problem problem =
                new Problem(
                        Problem.Severity.ERROR, "PLN-1", "r.yml", 3, 1, "no layer 9", "fix", null);
        try (RunningCoordinator coordinator =
                RunningCoordinator.start(
                        scene.staging.journal(),
                        spec -> new Planner.Outcome(Optional.empty(), List.of(problem)))) {

            JobView view = coordinator.runToEnd(scene.spec());

            assertThat(view.phase()).isEqualTo(JobPhase.FAILED);
            assertThat(view.reasonCode()).isEqualTo(ReasonCode.PLAN_REFUSED.name());
            assertThat(view.problems()).containsExactly(problem);
        }
        assertThat(scene.output).doesNotExist();
        assertThat(MergeScene.names(scene.staging.root())).containsExactly("journal");
    }

    @Test
    void theSameMergeAgainSaysThatItIsThere() throws IOException {
        try (RunningCoordinator coordinator = scene.start()) {
            coordinator.worker("a", MergeScene.WRITES);
            JobView first = coordinator.runToEnd(scene.spec());
            JobView second = coordinator.runToEnd(scene.spec());

            assertThat(second.id()).isNotEqualTo(first.id());
            assertThat(second.phase()).isEqualTo(JobPhase.SUCCEEDED);
            assertThat(second.reasonCode()).isEqualTo(ReasonCode.ALREADY_PUBLISHED.name());
            assertThat(MergeScene.summary(second).tensors()).isEqualTo(6);
        }
    }

    @Test
    void anotherModelIsReplacedOnlyIfAskedFor() throws IOException {
        Files.createDirectories(scene.output);
        Files.writeString(scene.output.resolve("config.json"), "{}");
        Files.writeString(scene.output.resolve("old.safetensors"), "old");
        try (RunningCoordinator coordinator = scene.start()) {
            coordinator.worker("a", MergeScene.WRITES);

            JobView refused = coordinator.runToEnd(scene.spec());
            assertThat(refused.phase()).isEqualTo(JobPhase.FAILED);
            assertThat(refused.reason()).contains("already holds another model");
            assertThat(scene.output.resolve("old.safetensors")).exists();

            JobView replaced = coordinator.runToEnd(scene.spec(SmallPlan.overwriting()));
            assertThat(replaced.phase()).as(replaced.reason()).isEqualTo(JobPhase.SUCCEEDED);
        }
        assertThat(scene.published()).doesNotContain("old.safetensors").contains("accrete.json");
        assertThat(scene.staging.replaced().resolve("old.safetensors")).exists();
    }

    @Test
    void aFolderThatIsNoModelIsNeverReplaced() throws IOException {
        Files.createDirectories(scene.output);
        Files.writeString(scene.output.resolve("thesis.tex"), "years of work");
        try (RunningCoordinator coordinator = scene.start()) {
            JobView view = coordinator.runToEnd(scene.spec(SmallPlan.overwriting()));

            assertThat(view.phase()).isEqualTo(JobPhase.FAILED);
            assertThat(view.reason()).contains("not a model").contains("thesis.tex");
        }
        assertThat(scene.published()).containsExactly("thesis.tex");
    }

    @Test
    void aResultThatWasDamagedIsNotTakenForWhole() throws IOException {
        try (RunningCoordinator coordinator = scene.start()) {
            coordinator.worker("a", MergeScene.WRITES);
            coordinator.runToEnd(scene.spec());
            Files.delete(scene.output.resolve("model-00002.safetensors"));

            JobView refused = coordinator.runToEnd(scene.spec());
            assertThat(refused.reason())
                    .contains("already holds")
                    .contains("it is not whole: model-00002.safetensors is missing");

            JobView mended = coordinator.runToEnd(scene.spec(SmallPlan.overwriting()));
            assertThat(mended.phase()).as(mended.reason()).isEqualTo(JobPhase.SUCCEEDED);
        }
        assertThat(scene.output.resolve("model-00002.safetensors")).exists();
    }

    @Test
    void aSourceIsNeverReplacedByItsResult() throws IOException {
        Path model = Files.createDirectories(folder.resolve("base"));
        Path source = SmallPlan.source(model, 2);
        Files.writeString(model.resolve("config.json"), "{}");
        try (RunningCoordinator coordinator = scene.start(none -> SmallPlan.copies(source))) {
            JobView view =
                    coordinator.runToEnd(
                            SmallPlan.spec(model, "recipe: 1", SmallPlan.overwriting()));

            assertThat(view.phase()).isEqualTo(JobPhase.FAILED);
            assertThat(view.reason()).contains("holds a source of this merge");
        }
        assertThat(source).exists();
    }

    @Test
    void anOutputThatIsALinkToNowhereIsRefused() throws IOException {
        Files.createSymbolicLink(scene.output, folder.resolve("nowhere"));
        try (RunningCoordinator coordinator = scene.start()) {
            assertThat(coordinator.runToEnd(scene.spec()).reason())
                    .contains("a link that leads nowhere");
        }
    }

    @Test
    void nanInTheResultEndsTheJobUnlessAllowed() throws IOException {
        try (RunningCoordinator coordinator = scene.start()) {
            coordinator.worker("a", task -> new StandInWorker.Deed.WriteNonFinite());

            JobView view = coordinator.runToEnd(scene.spec());

            assertThat(view.phase()).isEqualTo(JobPhase.FAILED);
            assertThat(view.reasonCode()).isEqualTo(ReasonCode.NON_FINITE.name());
            assertThat(view.problems().getFirst().message()).contains("3 NaN and 1 infinite");
            assertThat(scene.output).doesNotExist();
        }
    }

    @Test
    void aSourceThatChangedUnderAWorkerEndsTheJob() throws IOException {
        try (RunningCoordinator coordinator = scene.start()) {
            StandInWorker.Script finds = MergeScene.writesBelow(2, TaskFailure.Kind.SOURCE_CHANGED);
            coordinator.worker(
                    "a",
                    task -> {
                        if (task.shard() >= 2) {
                            scene.changeSource();
                        }
                        return finds.deed(task);
                    });

            JobView view = coordinator.runToEnd(scene.spec());

            assertThat(view.phase()).isEqualTo(JobPhase.FAILED);
            assertThat(view.reasonCode()).isEqualTo(ReasonCode.SOURCE_CHANGED.name());
        }
    }

    @Test
    void aWorkerThatAloneSeesAnotherSourceIsLeftOut() throws IOException {
        try (RunningCoordinator coordinator = scene.start()) {
            coordinator
                    .worker("blind", MergeScene.writesBelow(0, TaskFailure.Kind.SOURCE_CHANGED))
                    .worker("good", MergeScene.WRITES);

            JobView view = coordinator.runToEnd(scene.spec());

            assertThat(view.phase()).as(view.reason()).isEqualTo(JobPhase.SUCCEEDED);
        }
    }

    @Test
    void whereEveryWorkerSeesAnotherSourceTheJobPauses() throws IOException {
        try (RunningCoordinator coordinator = scene.start()) {
            coordinator.worker("a", MergeScene.writesBelow(2, TaskFailure.Kind.SOURCE_CHANGED));

            JobView view = coordinator.runToEnd(scene.spec());

            assertThat(view.phase()).isEqualTo(JobPhase.PAUSED);
            assertThat(view.reason()).contains("it sees other files than the coordinator");
        }
    }

    @Test
    void aTaskThatAlwaysFailsPausesTheJobAfterFiveAttempts() throws IOException {
        try (RunningCoordinator coordinator = scene.start()) {
            coordinator.worker("a", MergeScene.writesBelow(5, TaskFailure.Kind.INTERNAL));

            JobView view = coordinator.runToEnd(scene.spec());

            assertThat(view.phase()).isEqualTo(JobPhase.PAUSED);
            assertThat(view.reason()).contains("model-00006.safetensors failed 5 times");
            assertThat(view.progress().tasksDone()).isEqualTo(5);
        }
    }

    @Test
    void workersThatFallSilentOrDieLoseTheirTasksToOthers() throws IOException {
        try (RunningCoordinator coordinator = scene.start()) {
            coordinator
                    .worker("silent", MergeScene.IGNORES)
                    .worker("mortal", MergeScene.DIES)
                    .worker("good", MergeScene.WRITES);

            JobView view = coordinator.runToEnd(scene.spec());

            assertThat(view.phase()).as(view.reason()).isEqualTo(JobPhase.SUCCEEDED);
        }
    }

    @Test
    void aJobIsPausedAndResumed() throws IOException {
        try (RunningCoordinator coordinator = scene.start()) {
            coordinator.worker("a", MergeScene.stallsAt(3));
            String job = coordinator.submit(scene.spec()).id();
            coordinator.until(job, view -> view.progress().tasksDone() == 3);

            JobView paused = RunningCoordinator.answer(coordinator.jobs().pause(job));
            assertThat(paused.phase()).isEqualTo(JobPhase.PAUSED);

            coordinator.worker("b", MergeScene.WRITES);
            RunningCoordinator.answer(coordinator.jobs().resume(job));
            JobView view = coordinator.until(job, now -> now.phase().isTerminal());

            assertThat(view.phase()).as(view.reason()).isEqualTo(JobPhase.SUCCEEDED);
            assertThat(view.progress().tasksResumed()).isEqualTo(3);
        }
    }

    @Test
    void aCancelledJobPublishesNothingAndStaysCancelled() throws IOException {
        try (RunningCoordinator coordinator = scene.start()) {
            coordinator.worker("a", MergeScene.stallsAt(3));
            String job = coordinator.submit(scene.spec()).id();
            coordinator.until(job, view -> view.progress().tasksDone() == 3);

            RunningCoordinator.answer(coordinator.jobs().cancel(job));
            JobView view = coordinator.until(job, now -> now.phase().isTerminal());

            assertThat(view.phase()).isEqualTo(JobPhase.CANCELLED);
            assertThat(scene.output).doesNotExist();
            assertThat(scene.staging.model()).doesNotExist();
            assertThatThrownBy(() -> RunningCoordinator.answer(coordinator.jobs().resume(job)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("it cannot be resumed");
        }
    }

    @Test
    void theSameKeyIsTheSameJob() throws IOException {
        try (RunningCoordinator coordinator = scene.start()) {
            coordinator.worker("a", MergeScene.WRITES);
            String first = coordinator.submit(scene.spec(), "key").id();
            coordinator.until(first, view -> view.phase().isTerminal());

            assertThat(coordinator.submit(scene.spec(), "key").id()).isEqualTo(first);
            assertThat(coordinator.list()).hasSize(1);
            assertThat(RunningCoordinator.answer(coordinator.jobs().view("merge-none"))).isEmpty();
        }
    }

    @Test
    void anUnfinishedJobOfAnotherRecipeKeepsItsOutput() throws IOException {
        MergeOptions options = SmallPlan.overwriting();
        try (RunningCoordinator coordinator = scene.start()) {
            String job = coordinator.submit(scene.spec()).id();

            assertThat(coordinator.submit(scene.spec()).id()).isEqualTo(job);
            assertThatThrownBy(() -> coordinator.submit(SmallPlan.spec(scene.output, "recipe: 2")))
                    .hasMessageContaining("recipe.yml has another text")
                    .hasMessageContaining("give the first command again");
            assertThatThrownBy(() -> coordinator.submit(scene.spec(options)))
                    .hasMessageContaining("option overwrite was false and is true");
        }
    }
}
