package io.accrete.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.protocol.http.JobNews;
import io.accrete.protocol.http.JobResource;
import io.accrete.protocol.job.JobPhase;
import io.accrete.protocol.job.TrainProgress;
import io.accrete.protocol.store.Sha256;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A training whose stages are in processes of their own, which are killed at seeded steps: it ends
 * with the bits of an undisturbed one in a single process.
 */
@Tag("process")
class StageKillTest {
    private static final int KILLS_OF_A_CHECK = 5;
    private static final int KILLS = Integer.getInteger("accrete.kills", KILLS_OF_A_CHECK);
    private static final long SEED = Long.getLong("accrete.seed", 1);
    private static final int STEPS = Math.max(TrainUnderTest.STEPS, 12 * KILLS);

    @TempDir private Path folder;

    /** A training, and what one process made of it. */
    private record Undisturbed(
            TrainUnderTest training, Map<String, String> weights, List<String> metrics) {

        static Undisturbed in(Path folder) throws IOException, InterruptedException {
            TrainUnderTest training = TrainUnderTest.spreadIn(folder, STEPS);
            AccreteProcess process = training.start("undisturbed");
            assertThat(process.exitCode()).as(process::transcript).isZero();
            return new Undisturbed(
                    training, training.weights("undisturbed"), training.metrics("undisturbed"));
        }

        JobResource assertSame(StageProcesses processes, String job) throws IOException {
            JobResource ended = processes.await(job, now -> now.state().isTerminal());
            assertThat(ended.state()).as(ended.reason()).isEqualTo(JobPhase.SUCCEEDED);
            assertThat(training.weights("out")).isEqualTo(weights);
            assertThat(training.metrics("out")).isEqualTo(metrics);
            return ended;
        }
    }

    private static int recoveries(JobResource job) {
        return job.training().map(TrainProgress::recoveries).orElse(0);
    }

    private static int step(JobResource job) {
        return job.training().map(TrainProgress::step).orElse(0);
    }

    /** Two processes as well where more kills are asked for, as by the soak. */
    static IntStream processes() {
        return KILLS > KILLS_OF_A_CHECK ? IntStream.of(2, 3) : IntStream.of(3);
    }

    @ParameterizedTest
    @MethodSource("processes")
    void killsOfStagesChangeNoBit(int workers) throws Exception {
        Path root = folder.toRealPath();
        Undisturbed undisturbed = Undisturbed.in(root);
        Random random = new Random(SEED + workers);
        try (StageProcesses processes = StageProcesses.start(root, workers)) {
            String job = processes.submit(undisturbed.training().job());
            int step = 0;
            for (int kill = 0; kill < KILLS; kill++) {
                step += 1 + random.nextInt((STEPS - step) / (KILLS - kill + 1));
                killHolder(processes, job, step, random);
            }
            JobResource ended = undisturbed.assertSame(processes, job);
            assertThat(recoveries(ended)).isGreaterThanOrEqualTo(KILLS);
        }
    }

    private static void killHolder(StageProcesses processes, String job, int step, Random random)
            throws Exception {
        JobResource seen = processes.await(job, now -> step(now) >= step);
        assertThat(seen.state().isTerminal()).as(seen.reason()).isFalse();
        List<Integer> holders = processes.holders(job);
        int lost = holders.get(random.nextInt(holders.size()));
        processes.process(lost).kill();
        processes.startAgain(lost);
        processes.await(job, now -> recoveries(now) > recoveries(seen));
    }

    @Test
    void whoStandsStillOrIsLostForGoodLeavesItsStagesToTheOthers() throws Exception {
        Path root = folder.toRealPath();
        Undisturbed undisturbed = Undisturbed.in(root);
        try (StageProcesses processes = StageProcesses.start(root, 3)) {
            String job = processes.submit(undisturbed.training().job());
            processes.await(job, now -> step(now) > 10);
            assertThat(processes.jobs().show(job).running())
                    .extracting(task -> task.file())
                    .containsExactlyInAnyOrder("stage 0", "stage 1", "stage 2");
            AccreteProcess still = processes.process(processes.holders(job).getLast());
            still.signal("STOP");
            processes.await(job, now -> recoveries(now) > 0 && step(now) > 20);
            assertThat(processes.jobs().show(job).running())
                    .extracting(task -> task.file())
                    .containsExactlyInAnyOrder("stages 0..1", "stage 2");
            // What it still says is of a round that is over; it may take the place of the next.
            still.signal("CONT");
            int lost = processes.holders(job).getFirst();
            processes.process(lost).kill();
            processes.await(job, now -> recoveries(now) > 1 && step(now) > 30);
            undisturbed.assertSame(processes, job);
            assertThat(processes.jobs().log(job).stream().map(JobNews::message))
                    .anyMatch(said -> said.contains("the stages are divided among 2 now"))
                    .anyMatch(said -> said.contains("silent"));
        }
    }

    /** Moments are in checkpoints only, each stage's in a file of its own. */
    @Test
    void momentsAreTheSameToo() throws Exception {
        Path root = folder.toRealPath();
        TrainUnderTest training = TrainUnderTest.spreadIn(root, 10_000);
        AccreteProcess single = training.start("single");
        String line = single.readUntil(said -> said.contains("\"step\":24,"));
        assertThat(line).as(single::transcript).isNotNull();
        single.kill();
        try (StageProcesses processes = StageProcesses.start(root, 2)) {
            String job = processes.submit(training.job());
            killHolder(processes, job, 10, new Random(SEED));
            processes.await(job, now -> step(now) >= 24);
        }
        Map<String, String> parts = parts(training.staging("out"));
        assertThat(parts).hasSize(3).isEqualTo(parts(training.staging("single")));
    }

    /** The digests of what stages saved after step 21. */
    private static Map<String, String> parts(Path staging) throws IOException {
        Map<String, String> digests = new TreeMap<>();
        try (Stream<Path> folders = Files.list(staging.resolve("checkpoints"))) {
            Path saved =
                    folders.filter(f -> f.getFileName().toString().startsWith("step-000000021."))
                            .sorted()
                            .toList()
                            .getLast();
            try (Stream<Path> files = Files.list(saved)) {
                for (Path file : files.toList()) {
                    byte[] bytes = Files.readAllBytes(file);
                    digests.put(file.getFileName().toString(), Sha256.hex(bytes));
                }
            }
        }
        return digests;
    }
}
