package io.accrete.coordinator.merge;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.protocol.job.JobView;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

class JournalKillTest {
    private static final int ACKNOWLEDGED_BEFORE_KILL = 60;

    @TempDir Path folder;

    @Test
    void whatWasAcknowledgedIsThereAfterTheProcessWasKilled() throws Exception {
        List<String> acknowledged = submitUntilKilled();

        try (RunningCoordinator coordinator =
                RunningCoordinator.start(
                        folder.resolve("journal"),
                        spec -> new Planner.Outcome(Optional.empty(), List.of()))) {
            List<JobView> jobs = coordinator.list();
            assertThat(jobs).extracting(JobView::id).containsAll(acknowledged);
        }
        assertThat(acknowledged).hasSizeGreaterThanOrEqualTo(ACKNOWLEDGED_BEFORE_KILL);
    }

    private List<String> submitUntilKilled() throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(
                                ProcessHandle.current().info().command().orElseThrow(),
                                "--sun-misc-unsafe-memory-access=allow",
                                "-XX:TieredStopAtLevel=1",
                                "-XX:+UseSerialGC",
                                "-cp",
                                System.getProperty("java.class.path"),
                                AcknowledgingProcess.class.getName(),
                                folder.toString())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        List<String> acknowledged = new ArrayList<>();
        try (BufferedReader lines = process.inputReader()) {
            String line;
            while ((line = lines.readLine()) != null) {
                if (line.startsWith("merge-")) {
                    acknowledged.add(line);
                }
                if (acknowledged.size() == ACKNOWLEDGED_BEFORE_KILL) {
                    // By its handle, which leaves the pipe open: what was printed counts.
                    process.toHandle().destroyForcibly();
                }
            }
        }
        process.waitFor();
        return acknowledged;
    }
}
