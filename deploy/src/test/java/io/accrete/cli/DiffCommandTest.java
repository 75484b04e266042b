package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;

import io.accrete.protocol.fixture.TinyModels;
import io.accrete.protocol.tensor.DType;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

class DiffCommandTest {
    @TempDir private Path folder;

    @BeforeEach
    void model() throws IOException {
        TinyModels.llama().write(folder.resolve("a"));
    }

    @Test
    void findsAModelTheSameAsItself() throws IOException {
        TinyModels.llama().shards(3).write(folder.resolve("b"));
        CommandLineRun run = CommandLineRun.in(folder, "diff", "a", "b", "--json", "--exit-code");
        assertThat(run.exitCode()).as(run::transcript).isZero();
        assertThat(run.result().get("same").booleanValue()).isTrue();
        assertThat(run.result().get("different")).isEmpty();
    }

    @Test
    void namesTensorsOfOneModelOnly() throws IOException {
        TinyModels.llama().layers(5).write(folder.resolve("b"));
        JsonNode result = CommandLineRun.in(folder, "diff", "a", "b", "--json").result();
        assertThat(result.get("same").booleanValue()).isFalse();
        assertThat(result.get("only_in_a")).isEmpty();
        assertThat(result.get("only_in_b")).hasSize(9);
    }

    @Test
    void measuresHowFarValuesAreApart() throws IOException {
        Path b = TinyModels.llama().write(folder.resolve("b")).resolve("model.safetensors");
        byte[] bytes = Files.readAllBytes(b);
        ByteBuffer floats = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int last = bytes.length - 4;
        floats.putFloat(last, floats.getFloat(last) + 2);
        Files.write(b, bytes);
        JsonNode result = CommandLineRun.in(folder, "diff", "a", "b", "--json").result();
        assertThat(result.get("different")).hasSize(1);
        JsonNode different = result.get("different").get(0);
        assertThat(different.get("why").textValue()).isEqualTo("values");
        assertThat(different.get("max_abs").doubleValue()).isCloseTo(2, within(1e-6));
        assertThat(different.get("relative_l2").doubleValue()).isPositive();
    }

    @Test
    void comparesValuesOfDifferentTypes() throws IOException {
        TinyModels.llama().dtype(DType.BF16).write(folder.resolve("b"));
        JsonNode result = CommandLineRun.in(folder, "diff", "a", "b", "--json").result();
        JsonNode different = result.get("different").get(0);
        assertThat(different.get("why").textValue()).isEqualTo("dtype F32 against BF16");
        assertThat(different.get("relative_l2").doubleValue()).isBetween(1e-5, 1e-2);
    }

    @Test
    void saysWhichShapesDiffer() throws IOException {
        TinyModels.llama().vocab(40).write(folder.resolve("b"));
        CommandLineRun run = CommandLineRun.in(folder, "diff", "a", "b", "--exit-code");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).contains("shape [32, 16] against [40, 16]");
    }
}
