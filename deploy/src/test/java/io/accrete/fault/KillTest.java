package io.accrete.fault;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;

import io.accrete.oracle.Weights;
import io.accrete.protocol.fixture.TinyModels;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** {@code kill -9} at seeded moments of a whole job, and the same command again. */
@Tag("process")
class KillTest {
    private static final int KILLS = Integer.getInteger("accrete.kills", 5);
    private static final long SEED = Long.getLong("accrete.seed", 1);

    @TempDir private Path folder;

    @Test
    void nothingIsLostAndNothingIsHalfMade() throws IOException, InterruptedException {
        MergeUnderTest merge = MergeUnderTest.in(folder);
        long start = System.nanoTime();
        AccreteProcess undisturbed = merge.start();
        assertThat(undisturbed.exitCode()).as(undisturbed::transcript).isZero();
        Duration whole = Duration.ofNanos(System.nanoTime() - start);
        assertThat(merge.wrongTensors()).isEmpty();
        delete(merge.output());

        Random random = new Random(SEED);
        for (int kill = 0; kill < KILLS; kill++) {
            AccreteProcess process = merge.start();
            String moment = killAtSomeMoment(process, random, kill, whole);
            int acknowledged = acknowledged(process);
            if (Files.exists(merge.output())) {
                assertThat(merge.wrongTensors()).as(moment).isEmpty();
                acknowledged = 0; // no shard is resumed where none is left to do
            }
            if (random.nextInt(3) == 0) {
                continue; // another kill on top of this one
            }
            finish(merge, moment, acknowledged);
        }
        finish(merge, "end", 0);
    }

    @Test
    void aReplacedModelStandsAtItsPlaceOrBesideItUntilTheNewOneIsThere()
            throws IOException, InterruptedException {
        MergeUnderTest merge = MergeUnderTest.in(folder);
        Random random = new Random(SEED);
        for (int kill = 0; kill < KILLS; kill++) {
            Path old = TinyModels.llama().seed(kill).write(merge.output());
            Map<String, String> before = Weights.read(old).digests();
            AccreteProcess process = merge.start("--overwrite");
            process.readUntil(line -> line.contains("PUBLISHING"));
            process.endsWithin(Duration.ofMillis(random.nextInt(60)));
            process.kill();
            Path replaced = merge.staging().resolve("replaced");
            if (!Files.exists(merge.output())) { // between the two renames
                assertThat(Weights.read(replaced).digests()).isEqualTo(before);
            } else if (!Weights.read(merge.output()).digests().equals(before)) {
                assertThat(merge.wrongTensors()).isEmpty();
            }
            finish(merge, "replacing, kill " + kill, 0, "--overwrite");
        }
    }

    /** Evenly over the whole time; each third one close to the end, where it is published. */
    private static String killAtSomeMoment(
            AccreteProcess process, Random random, int kill, Duration whole)
            throws IOException, InterruptedException {
        String moment;
        if (kill % 3 == 2) {
            process.readUntil(line -> line.contains("PUBLISHING"));
            long millis = random.nextInt(200);
            process.endsWithin(Duration.ofMillis(millis));
            moment = "%d ms after it began to publish".formatted(millis);
        } else {
            long millis = random.nextLong(whole.toMillis());
            process.endsWithin(Duration.ofMillis(millis));
            moment = "%d ms of %d after the start".formatted(millis, whole.toMillis());
        }
        process.kill();
        process.readUntil(line -> false);
        System.out.printf("kill %d (seed %d): %s%n", kill, SEED, moment);
        return moment;
    }

    /** How many shards the process had said to be done. */
    private static int acknowledged(AccreteProcess process) throws IOException {
        List<JsonNode> objects = process.completeObjects();
        return objects.isEmpty() ? 0 : objects.getLast().path("tasks_done").asInt(0);
    }

    private static void finish(
            MergeUnderTest merge, String moment, int acknowledged, String... options)
            throws IOException, InterruptedException {
        AccreteProcess again = merge.start(options);
        assertThat(again.exitCode()).as(() -> moment + "\n" + again.transcript()).isZero();
        assertThat(merge.wrongTensors()).as(moment).isEmpty();
        assertThat(merge.staging()).as(moment).doesNotExist();
        JsonNode resumed = again.result().path("shards_resumed");
        assertThat(resumed.isInt()).as("shards_resumed is part of the result").isTrue();
        assertThat(resumed.asInt()).as(moment).isGreaterThanOrEqualTo(acknowledged);
        delete(merge.output());
    }

    private static void delete(Path output) throws IOException {
        assertThat(Weights.read(output).tensors()).isNotEmpty();
        try (var files = Files.list(output)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(output);
    }
}
