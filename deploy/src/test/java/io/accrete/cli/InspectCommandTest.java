package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;

import io.accrete.protocol.fixture.SafetensorsWriter;
import io.accrete.protocol.fixture.TinyModels;
import io.accrete.protocol.tensor.DType;
import io.accrete.protocol.tensor.PlainText;
import io.accrete.protocol.tensor.Shape;
import io.accrete.protocol.tensor.TensorSpec;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

class InspectCommandTest {
    @TempDir private Path folder;

    @Test
    void showsWhatHeadersSayAsJson() throws IOException {
        TinyModels.llama().layers(12).shards(2).write(folder.resolve("a"));
        CommandLineRun run = CommandLineRun.in(folder, "inspect", "a", "--json");
        assertThat(run.exitCode()).as(run::transcript).isZero();
        JsonNode result = run.result();
        assertThat(result.get("architecture").textValue()).isEqualTo("LlamaForCausalLM");
        assertThat(result.get("layers").intValue()).isEqualTo(12);
        assertThat(result.get("tied").booleanValue()).isFalse();
        assertThat(result.get("tensors")).hasSize(12 * 9 + 3);
        JsonNode tensor = result.get("tensors").get(0);
        assertThat(tensor.properties().stream().map(e -> e.getKey()))
                .containsExactly("name", "dtype", "shape", "file", "offset", "bytes");
        long bytes = 0;
        for (JsonNode one : result.get("tensors")) {
            bytes += one.get("bytes").longValue();
            byte[] file =
                    Files.readAllBytes(folder.resolve("a").resolve(one.get("file").textValue()));
            assertThat(one.get("offset").longValue() + one.get("bytes").longValue())
                    .isLessThanOrEqualTo(file.length);
        }
        assertThat(result.get("bytes").longValue()).isEqualTo(bytes);
        assertThat(result.get("parameters").longValue()).isEqualTo(bytes / 4);
    }

    @Test
    void listsLayersInTheirOwnOrder() throws IOException {
        TinyModels.llama().layers(12).write(folder.resolve("a"));
        CommandLineRun run = CommandLineRun.in(folder, "inspect", "a", "--json");
        List<String> norms =
                run.result().get("tensors").findValuesAsText("name").stream()
                        .filter(name -> name.endsWith("input_layernorm.weight"))
                        .toList();
        assertThat(norms.get(2)).contains("layers.2.");
        assertThat(norms.get(11)).contains("layers.11.");
    }

    @Test
    void givesOneObjectForEachPathAndGoesOnAfterABrokenOne() throws IOException {
        TinyModels.llama().write(folder.resolve("a"));
        Files.writeString(folder.resolve("b.safetensors"), "not at all");
        CommandLineRun run =
                CommandLineRun.in(
                        folder,
                        "inspect",
                        "--json",
                        "b.safetensors",
                        "missing",
                        "a/model.safetensors");
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.out().lines()).hasSize(3);
        assertThat(run.result().get("ok").booleanValue()).isTrue();
        assertThat(run.err()).contains("missing").contains("[FMT-").doesNotContain("Exception");
    }

    @Test
    void saysWhereTensorsAreOnlyPromised() throws IOException {
        TinyModels.llama().write(folder.resolve("whole"));
        TinyModels.llama().write(folder.resolve("bin"));
        Files.move(
                folder.resolve("bin/model.safetensors"), folder.resolve("bin/pytorch_model.bin"));
        TinyModels.llama().write(folder.resolve("broken"));
        Files.writeString(folder.resolve("broken/model.safetensors"), "{}".repeat(100));
        for (String model : List.of("bin", "broken")) {
            CommandLineRun text = CommandLineRun.in(folder, "inspect", model);
            assertThat(text.exitCode()).as(text::transcript).isEqualTo(3);
            assertThat(text.out()).contains("promise, not what files hold");
            CommandLineRun json = CommandLineRun.in(folder, "inspect", "--json", model);
            assertThat(json.result().get("weights_present").booleanValue()).isFalse();
        }
        assertThat(CommandLineRun.in(folder, "inspect", "whole").out()).doesNotContain("promise");
        CommandLineRun whole = CommandLineRun.in(folder, "inspect", "--json", "whole");
        assertThat(whole.result().get("weights_present").booleanValue()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"inspect", "inspect -v", "verify --digests", "diff other.safetensors"})
    void letsNoNameMoveTheCursor(String command) throws IOException {
        hostile("hostile.safetensors", "model.\u001b[2J\r\u202e\u0007x.weight");
        hostile("other.safetensors", "model.\u001b[31my.weight");
        List<String> arguments = new ArrayList<>(List.of(command.split(" ")));
        arguments.add("hostile.safetensors");
        CommandLineRun run = CommandLineRun.in(folder, arguments);
        assertThat(run.out())
                .as(run::transcript)
                .contains("\\u{1b}[2J\\u{d}\\u{202e}\\u{7}x.weight");
        assertThat((run.out() + run.err()).replace("\n", "").codePoints())
                .allMatch(PlainText::isPrintable);
    }

    private void hostile(String file, String tensor) throws IOException {
        TensorSpec spec = new TensorSpec(tensor, DType.F32, Shape.of(2, 2));
        SafetensorsWriter.write(folder.resolve(file), List.of(spec), List.of(new byte[16]));
    }

    @Test
    void showsPeopleOneLineForTensorsThatDifferOnlyInTheirLayer() throws IOException {
        TinyModels.llama().layers(12).write(folder.resolve("a"));
        CommandLineRun run = CommandLineRun.in(folder, "inspect", "a");
        assertThat(run.out()).contains("model.layers.*.mlp.down_proj.weight").contains("x 12");
        assertThat(run.out().lines()).hasSizeLessThan(25);
    }
}
