package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;

import io.accrete.oracle.Weights;
import io.accrete.tour.RandomModel;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

class DemoCommandTest {
    @TempDir private Path folder;

    @Test
    void growsASmallModelAndHealsIt() throws IOException {
        CommandLineRun run =
                CommandLineRun.in(folder, "demo", "--dir", "here", "--steps", "12", "--json");
        assertThat(run.exitCode()).as(run::transcript).isZero();
        assertThat(run.err()).contains("6 layers", "▒▒██", "10 layers", "verified: 92 tensors");
        assertThat(Weights.read(folder.resolve("here/grown")).tensors()).hasSize(10 * 9 + 2);
        JsonNode rows = run.result().path("healing");
        assertThat(rows).hasSize(3);
        JsonNode base = rows.path(0);
        JsonNode copies = rows.path(1);
        JsonNode silent = rows.path(2);
        assertThat(copies.path("before").asDouble()).isGreaterThan(base.path("before").asDouble());
        assertThat(silent.path("before").asDouble()).isEqualTo(base.path("before").asDouble());
        assertThat(copies.path("after").asDouble()).isLessThan(copies.path("before").asDouble());
        assertThat(Files.readString(folder.resolve("here/report.html")))
                .contains("Six layers become ten", "the fair bar", "<svg");
    }

    @Test
    @Tag("process")
    void aTrainingThatIsKilledComesBackToTheSameBytes() throws IOException {
        CommandLineRun run =
                CommandLineRun.in(
                        folder, "demo", "--dir", "here", "--steps", "50", "--kill", "--json");
        assertThat(run.exitCode()).as(run::transcript).isZero();
        assertThat(run.err())
                .containsPattern("kill -9 \\d+, after step 2\\d")
                .contains("goes on with step 21", "as of the run that nobody killed");
        assertThat(run.result().path("kill").path("same").asBoolean()).isTrue();
        assertThat(Weights.read(folder.resolve("here/killed")).digests())
                .isEqualTo(Weights.read(folder.resolve("here/healed")).digests());
    }

    @Test
    void withoutStepsItOnlyMerges() {
        CommandLineRun run = CommandLineRun.in(folder, "demo", "--dir", "here", "--steps", "0");
        assertThat(run.exitCode()).as(run::transcript).isZero();
        assertThat(folder.resolve("here/report.html")).doesNotExist();
    }

    @Test
    void makesTheSameModelFromTheSameSeed() throws IOException {
        RandomModel.write(folder.resolve("one"), 2, 7);
        RandomModel.write(folder.resolve("two"), 2, 7);
        RandomModel.write(folder.resolve("three"), 2, 8);
        var digests = Weights.read(folder.resolve("one")).digests();
        assertThat(Weights.read(folder.resolve("two")).digests()).isEqualTo(digests);
        assertThat(Weights.read(folder.resolve("three")).digests()).isNotEqualTo(digests);
    }
}
