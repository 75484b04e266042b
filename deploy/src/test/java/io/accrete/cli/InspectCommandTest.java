package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;

import io.accrete.protocol.fixture.TinyModels;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
    void showsPeopleOneLineForTensorsThatDifferOnlyInTheirLayer() throws IOException {
        TinyModels.llama().layers(12).write(folder.resolve("a"));
        CommandLineRun run = CommandLineRun.in(folder, "inspect", "a");
        assertThat(run.out()).contains("model.layers.*.mlp.down_proj.weight").contains("x 12");
        assertThat(run.out().lines()).hasSizeLessThan(25);
    }
}
