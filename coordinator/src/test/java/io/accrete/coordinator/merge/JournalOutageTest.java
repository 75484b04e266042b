package io.accrete.coordinator.merge;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.protocol.job.JobPhase;
import io.accrete.protocol.job.JobView;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;

class JournalOutageTest {
    @TempDir Path folder;

    @Test
    void aJobOutlivesTheLossOfItsDatabaseInTheMiddle() throws IOException, SQLException {
        MergeScene scene = MergeScene.in(folder);
        try (RunningCoordinator coordinator = scene.start()) {
            coordinator.worker("a", MergeScene.stallsAt(3));
            String job = coordinator.submit(scene.spec()).id();
            coordinator.until(job, view -> view.progress().tasksDone() == 3);

            coordinator.breakJournal();
            coordinator.worker("b", MergeScene.WRITES);
            JobView view = coordinator.until(job, now -> now.phase().isTerminal());

            assertThat(view.phase()).as(view.reason()).isEqualTo(JobPhase.SUCCEEDED);
        }
        assertThat(scene.published()).contains("accrete.json").hasSize(10);
    }
}
