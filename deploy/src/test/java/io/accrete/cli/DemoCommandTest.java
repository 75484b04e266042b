package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.oracle.Weights;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;

class DemoCommandTest {
    @TempDir private Path folder;

    @Test
    void growsAModelThatItMakesItself() throws IOException {
        CommandLineRun run = CommandLineRun.in(folder, "demo", "--dir", "here");
        assertThat(run.exitCode()).as(run::transcript).isZero();
        assertThat(run.out()).contains("6 layers", "▒▒██", "10 layers", "verified: 93 tensors");
        assertThat(Weights.read(folder.resolve("here/grown")).tensors()).hasSize(10 * 9 + 3);
    }

    @Test
    void makesTheSameModelFromTheSameSeed() throws IOException {
        DemoModel.write(folder.resolve("one"), 2, 7);
        DemoModel.write(folder.resolve("two"), 2, 7);
        DemoModel.write(folder.resolve("three"), 2, 8);
        var digests = Weights.read(folder.resolve("one")).digests();
        assertThat(Weights.read(folder.resolve("two")).digests()).isEqualTo(digests);
        assertThat(Weights.read(folder.resolve("three")).digests()).isNotEqualTo(digests);
    }
}
