package io.accrete.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.oracle.Weights;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.stream.Stream;

/** Weights of a training that runs, or was killed, published by another process. */
@Tag("process")
class ExportKillTest {
    private static final int KILLS = Integer.getInteger("accrete.kills", 5);
    private static final long SEED = Long.getLong("accrete.seed", 1);
    private static final int LIFE_MILLIS_MAX = 3000;

    @TempDir private Path folder;

    @Test
    void aKilledExportLeavesTheOutputAsItWas() throws IOException, InterruptedException {
        TrainUnderTest training = endless();
        AccreteProcess running = training.start("out");
        assertThat(running.readUntil(line -> line.contains("\"step\":16,")))
                .as(running::transcript)
                .isNotNull();

        AccreteProcess early = export("--step", "14", "out", "early");
        assertThat(early.exitCode()).as(early::transcript).isZero();
        assertThat(early.result().path("step").asInt()).isEqualTo(14);
        assertThat(training.metrics("early")).hasSize(14 + 1);
        running.kill();

        AccreteProcess none = export("--step", "15", "out", "none");
        assertThat(none.exitCode()).as(none::transcript).isEqualTo(4);
        assertThat(none.err()).contains("[TRN-119]", "no checkpoint of step 15", "14");
        assertThat(folder.resolve("none")).doesNotExist();
        assertThat(training.staging("none")).doesNotExist();

        AccreteProcess same = export("out", "out");
        assertThat(same.exitCode()).as(same::transcript).isEqualTo(4);
        assertThat(same.err()).contains("[TRN-121]");
        AccreteProcess nothing = export("base", "none");
        assertThat(nothing.exitCode()).as(nothing::transcript).isEqualTo(4);
        assertThat(nothing.err()).as(nothing::transcript).contains("[TRN-120]");

        Random random = new Random(SEED);
        for (int kill = 0; kill < KILLS; kill++) {
            AccreteProcess killed = export("out", "late");
            if (!killed.endsWithin(Duration.ofMillis(random.nextInt(LIFE_MILLIS_MAX)))) {
                killed.kill();
            }
            if (Files.exists(folder.resolve("late"))) {
                assertThat(Weights.read(folder.resolve("late")).tensors()).isNotEmpty();
                assertThat(folder.resolve("late/accrete.json")).exists();
            }
        }
        AccreteProcess last = export("out", "late");
        assertThat(last.exitCode()).as(last::transcript).isZero();
        assertThat(training.staging("late")).doesNotExist();

        AccreteProcess anew = export("out", "anew");
        assertThat(anew.exitCode()).as(anew::transcript).isZero();
        assertThat(training.weights("late")).isEqualTo(training.weights("anew"));
        assertThat(training.metrics("late")).isEqualTo(training.metrics("anew"));
        assertThat(training.weights("late")).isNotEqualTo(training.weights("early"));
    }

    @Test
    void aDamagedCheckpointIsNotExported() throws IOException, InterruptedException {
        TrainUnderTest training = endless();
        AccreteProcess running = training.start("out");
        running.readUntil(line -> line.contains("\"step\":16,"));
        running.kill();
        try (Stream<Path> files = Files.walk(training.staging("out").resolve("checkpoints"))) {
            for (Path part : files.filter(Files::isRegularFile).toList()) {
                byte[] bytes = Files.readAllBytes(part);
                bytes[bytes.length / 2] ^= 1;
                Files.write(part, bytes);
            }
        }
        AccreteProcess damaged = export("out", "damaged");
        assertThat(damaged.exitCode()).as(damaged::transcript).isEqualTo(4);
        assertThat(damaged.err()).contains("other bytes than were written");
        assertThat(folder.resolve("damaged")).doesNotExist();
        assertThat(training.staging("damaged")).doesNotExist();
    }

    /** One that goes on while others look at it, and keeps all that it has saved. */
    private TrainUnderTest endless() throws IOException {
        TrainUnderTest training = TrainUnderTest.in(folder);
        Files.writeString(
                folder.resolve("job.yml"),
                training.job()
                        .replace("steps: " + TrainUnderTest.STEPS, "steps: 100000")
                        .replace("keep: 2", "keep: 100000"));
        return training;
    }

    private AccreteProcess export(String... arguments) throws IOException {
        return AccreteProcess.start(
                folder,
                folder,
                Stream.concat(Stream.of("export", "--json"), Stream.of(arguments)).toList());
    }
}
