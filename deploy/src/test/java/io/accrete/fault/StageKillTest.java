package io.accrete.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.protocol.http.JobNews;
import io.accrete.protocol.http.JobResource;
import io.accrete.protocol.job.JobPhase;
import io.accrete.protocol.job.TrainProgress;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A training whose stages are in processes of their own, which are killed at seeded steps: it ends
 * with the bits of an undisturbed one in a single process.
 */
@Tag("process")
class StageKillTest {
    private static final int KILLS = Integer.getInteger("accrete.kills", 5);
    private static final long SEED = Long.getLong("accrete.seed", 1);
    private static final int STEPS = Math.max(TrainUnderTest.STEPS, 12 * KILLS);

    @TempDir private Path folder;
    private TrainUnderTest training;
    private Map<String, String> weights;
    private List<String> metrics;

    @BeforeEach
    void undisturbed() throws IOException, InterruptedException {
        folder = folder.toRealPath();
        training = TrainUnderTest.spreadIn(folder, STEPS);
        AccreteProcess undisturbed = training.start("undisturbed");
        assertThat(undisturbed.exitCode()).as(undisturbed::transcript).isZero();
        weights = training.weights("undisturbed");
        metrics = training.metrics("undisturbed");
    }

    private JobResource assertSame(StageProcesses processes, String job) throws IOException {
        JobResource ended = processes.await(job, now -> now.state().isTerminal());
        assertThat(ended.state()).as(ended.reason()).isEqualTo(JobPhase.SUCCEEDED);
        assertThat(training.weights("out")).isEqualTo(weights);
        assertThat(training.metrics("out")).isEqualTo(metrics);
        return ended;
    }

    private static int recoveries(JobResource job) {
        return job.training().map(TrainProgress::recoveries).orElse(0);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void killsOfStagesChangeNoBit(int workers) throws Exception {
        Random random = new Random(SEED + workers);
        try (StageProcesses processes = StageProcesses.start(folder, workers)) {
            String job = processes.submit(training.job());
            int step = 0;
            for (int kill = 0; kill < KILLS; kill++) {
                step += 1 + random.nextInt((STEPS - step) / (KILLS - kill + 1));
                int wanted = step;
                JobResource seen = processes.await(job, now -> step(now) >= wanted);
                assertThat(seen.state().isTerminal()).as(seen.reason()).isFalse();
                List<Integer> holders = processes.holders(job);
                int before = recoveries(seen);
                int lost = holders.get(random.nextInt(holders.size()));
                processes.process(lost).kill();
                processes.startAgain(lost);
                processes.await(job, now -> recoveries(now) > before);
            }
            JobResource ended = assertSame(processes, job);
            assertThat(recoveries(ended)).isGreaterThanOrEqualTo(KILLS);
        }
    }

    private static int step(JobResource job) {
        return StageProcesses.step(job);
    }

    @Test
    void whoIsLostForGoodLeavesItsStagesToTheOthers() throws Exception {
        try (StageProcesses processes = StageProcesses.start(folder, 3)) {
            String job = processes.submit(training.job());
            processes.await(job, now -> step(now) > 10);
            assertThat(processes.jobs().show(job).running())
                    .extracting(task -> task.file())
                    .containsExactlyInAnyOrder("stage 0", "stage 1", "stage 2");
            processes.process(processes.holders(job).getLast()).kill();
            processes.await(job, now -> recoveries(now) > 0 && step(now) > 20);
            assertThat(processes.jobs().show(job).running())
                    .extracting(task -> task.file())
                    .containsExactlyInAnyOrder("stages 0..1", "stage 2");
            assertSame(processes, job);
            assertThat(processes.jobs().log(job).stream().map(JobNews::message))
                    .anyMatch(said -> said.contains("the stages are divided among 2 now"));
        }
    }
}
