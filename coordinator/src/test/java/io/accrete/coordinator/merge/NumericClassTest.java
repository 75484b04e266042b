package io.accrete.coordinator.merge;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.protocol.job.JobPhase;
import io.accrete.protocol.job.JobView;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

class NumericClassTest {
    @TempDir Path folder;

    @Test
    void aJobIsComputedAgainWhereNoWorkerOfItsClassIsLeft() throws IOException {
        MergeScene scene = MergeScene.in(folder);
        try (RunningCoordinator coordinator = scene.start(SmallPlan::computations)) {
            coordinator.worker("a", "old-machine", MergeScene.stallsAt(3));
            String job = coordinator.submit(scene.spec()).id();
            coordinator.until(job, view -> view.progress().tasksDone() == 3);
        }
        try (RunningCoordinator coordinator = scene.start(SmallPlan::computations)) {
            coordinator.worker("b", "new-machine", MergeScene.WRITES);

            JobView view = coordinator.runToEnd(scene.spec());

            assertThat(view.phase()).as(view.reason()).isEqualTo(JobPhase.SUCCEEDED);
            assertThat(MergeScene.summary(view).shardsResumed()).isZero();
        }
        assertThat(Files.readString(scene.output.resolve("accrete.json")))
                .contains("\"numeric_class\" : \"new-machine\"");
    }
}
