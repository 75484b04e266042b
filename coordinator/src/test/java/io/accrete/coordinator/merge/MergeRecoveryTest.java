package io.accrete.coordinator.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.accrete.coordinator.drive.DurableFiles;
import io.accrete.protocol.job.JobPhase;
import io.accrete.protocol.job.JobView;
import io.accrete.protocol.job.ReasonCode;
import io.accrete.protocol.wire.TaskFailure;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicBoolean;

class MergeRecoveryTest {
    @TempDir Path folder;
    private MergeScene scene;

    @BeforeEach
    void runHalfOfAJob() throws IOException {
        scene = MergeScene.in(folder);
        try (RunningCoordinator coordinator = scene.start()) {
            coordinator.worker("a", MergeScene.stallsAt(3));
            String job = coordinator.submit(scene.spec()).id();
            coordinator.until(job, view -> view.progress().tasksDone() == 3);
        }
        Files.writeString(scene.staging.tmp().resolve("model-00004.safetensors.1-4"), "half");
    }

    @Test
    void theSameCommandKeepsWhatIsDone() throws IOException {
        FileTime written = Files.getLastModifiedTime(shard(1));

        JobView view = runAgain(MergeScene.WRITES);

        assertThat(view.phase()).as(view.reason()).isEqualTo(JobPhase.SUCCEEDED);
        assertThat(MergeScene.summary(view).shardsResumed()).isEqualTo(3);
        assertThat(MergeScene.summary(view).bytesCopied()).isEqualTo(6 * 128);
        assertThat(Files.getLastModifiedTime(scene.output.resolve("model-00001.safetensors")))
                .isEqualTo(written);
        await().untilAsserted(() -> assertThat(scene.staging.tmp()).doesNotExist());
    }

    @Test
    void stockIsTakenWhileAnotherWorkerBeginsFiles() throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        Thread writer =
                Thread.ofPlatform()
                        .start(
                                () -> {
                                    for (int i = 0; !stop.get(); i++) {
                                        begin(scene.staging.tmp().resolve("model.1-" + i));
                                    }
                                });
        try {
            for (int i = 0; i < 200; i++) {
                DurableFiles.deleteEntries(scene.staging.tmp());
            }
        } finally {
            stop.set(true);
            writer.join();
        }
        assertThat(scene.staging.tmp()).isDirectory();
    }

    private static void begin(Path file) {
        try {
            Files.writeString(file, "half");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aShardThatIsGoneOrShortIsWrittenAgain() throws IOException {
        Files.delete(shard(1));
        Files.writeString(shard(2), "short");

        JobView view = runAgain(MergeScene.WRITES);

        assertThat(view.phase()).as(view.reason()).isEqualTo(JobPhase.SUCCEEDED);
        assertThat(MergeScene.summary(view).shardsResumed()).isEqualTo(1);
    }

    @Test
    void aSourceThatChangedInBetweenIsRefusedByName() throws IOException {
        Files.setLastModifiedTime(
                scene.source, FileTime.from(Instant.parse("2020-01-01T00:00:00Z")));

        JobView view = runAgain(MergeScene.WRITES);

        assertThat(view.phase()).isEqualTo(JobPhase.FAILED);
        assertThat(view.reasonCode()).isEqualTo(ReasonCode.SOURCE_CHANGED.name());
        assertThat(view.reason()).contains(scene.source.toString()).contains("was modified");
        assertThat(scene.output).doesNotExist();
    }

    @Test
    void aSourceThatIsAwayPausesTheJobAndNothingIsLost() throws IOException {
        Path away = scene.source.resolveSibling("away");
        Files.move(scene.source, away);

        JobView paused = runAgain(MergeScene.WRITES);
        assertThat(paused.phase()).isEqualTo(JobPhase.PAUSED);
        assertThat(paused.reasonCode()).isEqualTo(ReasonCode.SOURCE_MISSING.name());
        assertThat(paused.reason()).contains(scene.source.toString());

        Files.move(away, scene.source);
        JobView view = runAgain(MergeScene.WRITES);
        assertThat(view.phase()).as(view.reason()).isEqualTo(JobPhase.SUCCEEDED);
        assertThat(MergeScene.summary(view).shardsResumed()).isEqualTo(3);
    }

    @Test
    void aFullDiskPausesTheJobUntilThereIsRoom() throws IOException {
        JobView paused = runAgain(MergeScene.writesBelow(4, TaskFailure.Kind.DISK_FULL));
        assertThat(paused.phase()).isEqualTo(JobPhase.PAUSED);
        assertThat(paused.reasonCode()).isEqualTo(ReasonCode.DISK_FULL.name());
        assertThat(paused.reason()).contains("bytes are still to be written").contains("are free");

        JobView view = runAgain(MergeScene.WRITES);
        assertThat(view.phase()).as(view.reason()).isEqualTo(JobPhase.SUCCEEDED);
        assertThat(MergeScene.summary(view).shardsResumed()).isEqualTo(4);
    }

    @Test
    void aPlanFileThatIsDamagedPausesTheJob() throws IOException {
        Files.writeString(scene.staging.plan(), "{}");

        JobView view = runAgain(MergeScene.WRITES);

        assertThat(view.phase()).isEqualTo(JobPhase.PAUSED);
        assertThat(view.reason()).contains("not the plan that was made");
    }

    private JobView runAgain(StandInWorker.Script script) throws IOException {
        try (RunningCoordinator coordinator = scene.start()) {
            coordinator.worker("a", script);
            String job = coordinator.submit(scene.spec()).id();
            JobView view = coordinator.view(job);
            if (view.phase() == JobPhase.PAUSED) {
                RunningCoordinator.answer(coordinator.jobs().resume(job));
            }
            return coordinator.until(
                    job, now -> now.phase().isTerminal() || now.phase() == JobPhase.PAUSED);
        }
    }

    private Path shard(int number) {
        return scene.staging.shard("model-%05d.safetensors".formatted(number));
    }
}
