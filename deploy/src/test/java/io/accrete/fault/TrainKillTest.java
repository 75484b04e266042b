package io.accrete.fault;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/** {@code kill -9} at seeded steps of a training, and the same command again: the same bits. */
@Tag("process")
class TrainKillTest {
    private static final int KILLS = Integer.getInteger("accrete.kills", 3);
    private static final long SEED = Long.getLong("accrete.seed", 1);

    @TempDir private Path folder;
    private TrainUnderTest training;
    private Map<String, String> weights = Map.of();
    private List<String> metrics = List.of();

    @BeforeEach
    void training() throws IOException {
        training = TrainUnderTest.in(folder);
    }

    private void undisturbed() throws IOException, InterruptedException {
        AccreteProcess undisturbed = training.start("undisturbed");
        assertThat(undisturbed.exitCode()).as(undisturbed::transcript).isZero();
        weights = training.weights("undisturbed");
        metrics = training.metrics("undisturbed");
        assertThat(metrics).hasSize(TrainUnderTest.STEPS + 4);
    }

    @Test
    void killsChangeNoBit() throws IOException, InterruptedException {
        undisturbed();
        killAgainAndAgain();
    }

    @Test
    void norDoTheyInTheRoundsOfAGrowth() throws IOException, InterruptedException {
        Path grown = Files.createDirectory(folder.resolve("grown"));
        folder = grown;
        training = TrainUnderTest.growingIn(grown);
        undisturbed();
        killAgainAndAgain();
    }

    private void killAgainAndAgain() throws IOException, InterruptedException {
        Random random = new Random(SEED);
        int step = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            // Never beyond the end, and past the checkpoint of the kill before more often than not.
            step += 1 + random.nextInt((TrainUnderTest.STEPS - step) / (KILLS - kill + 1));
            killIn(step);
            assertThat(folder.resolve("out")).doesNotExist();
        }
        AccreteProcess last = training.start("out");
        assertThat(last.exitCode()).as(last::transcript).isZero();
        assertThat(last.result().path("recoveries").asInt()).isPositive();
        assertSame();
    }

    @Test
    void norDoesGoingOnOverFewerOrMoreStages() throws IOException, InterruptedException {
        undisturbed();
        killIn(15);
        training.cut(1);
        killIn(30);
        training.cut(3);
        killIn(45);
        training.cut(2);
        AccreteProcess last = training.start("out");
        assertThat(last.exitCode()).as(last::transcript).isZero();
        assertThat(last.result().path("recoveries").asInt()).isPositive();
        assertSame();
    }

    /** It comes last, and goes on by the cut that the growth had when it began. */
    @Test
    void norIsTheBaseOfAGrowthLeftBehindByThat() throws IOException, InterruptedException {
        Path judged = Files.createDirectory(folder.resolve("judged"));
        training = TrainUnderTest.judgedIn(judged);
        undisturbed();
        Path metricsOfBase = training.staging("out-baseline").resolve("metrics.jsonl");
        AccreteProcess process = training.start("out");
        assertThat(process.readUntil(_ -> Files.exists(metricsOfBase))).isNotNull();
        process.kill();
        assertThat(metricsOfBase).exists();
        training.cut(1);
        AccreteProcess last = training.start("out");
        assertThat(last.exitCode()).as(last::transcript).isZero();
        assertThat(last.result().path("baseline").path("validation").path("after").isNumber())
                .as(last::transcript)
                .isTrue();
        assertThat(training.weights("out-baseline"))
                .isEqualTo(training.weights("undisturbed-baseline"));
        assertSame();
    }

    @Test
    void aDamagedCheckpointIsPassedOver() throws IOException, InterruptedException {
        undisturbed();
        killIn(30);
        // One that was in the making when the process died stands last; it was never gone on from.
        List<Path> parts = parts(training.staging("out").resolve("checkpoints"));
        assertThat(parts).hasSizeGreaterThan(3);
        for (Path part : parts.subList(2, parts.size())) {
            byte[] bytes = Files.readAllBytes(part);
            bytes[bytes.length / 2] ^= 1;
            Files.write(part, bytes);
        }
        AccreteProcess last = training.start("out");
        assertThat(last.exitCode()).as(last::transcript).isZero();
        assertThat(last.err()).contains("other bytes than were written");
        assertSame();
    }

    private static List<Path> parts(Path checkpoints) throws IOException {
        try (Stream<Path> files = Files.walk(checkpoints)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    private void killIn(int step) throws IOException, InterruptedException {
        AccreteProcess process = training.start("out");
        String line = process.readUntil(l -> l.contains("\"event\":\"step\"") && stepOf(l) >= step);
        assertThat(line).as(process::transcript).isNotNull();
        process.kill();
    }

    private static int stepOf(String line) {
        return Integer.parseInt(line.replaceFirst(".*\"step\":(\\d+).*", "$1"));
    }

    private void assertSame() throws IOException {
        assertThat(training.weights("out")).isEqualTo(weights);
        assertThat(training.metrics("out")).isEqualTo(metrics);
        assertThat(training.staging("out")).doesNotExist();
    }
}
