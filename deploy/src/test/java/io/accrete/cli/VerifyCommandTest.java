package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;

import io.accrete.oracle.Weights;
import io.accrete.protocol.fixture.TinyModels;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

class VerifyCommandTest {
    @TempDir private Path folder;

    @Test
    void printsTheDigestOfEveryTensor() throws IOException {
        Path model = TinyModels.llama().shards(2).write(folder.resolve("a"));
        CommandLineRun run = CommandLineRun.in(folder, "verify", "a", "--digests", "--json");
        assertThat(run.exitCode()).as(run::transcript).isZero();
        JsonNode result = run.result();
        assertThat(result.get("ok").booleanValue()).isTrue();
        Weights weights = Weights.read(model);
        assertThat(result.get("tensors").intValue()).isEqualTo(weights.tensors().size());
        assertThat(result.get("digests")).hasSize(weights.tensors().size());
        weights.tensors()
                .forEach(
                        (name, tensor) ->
                                assertThat(result.get("digests").get(name).textValue())
                                        .isEqualTo(tensor.sha256()));
    }

    @Test
    void seesAMissingShard() throws IOException {
        TinyModels.llama().shards(2).write(folder.resolve("a"));
        Files.delete(folder.resolve("a/model-00002-of-00002.safetensors"));
        CommandLineRun run = CommandLineRun.in(folder, "verify", "a", "--json");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.result().get("ok").booleanValue()).isFalse();
        assertThat(run.err()).contains("model-00002-of-00002.safetensors");
    }

    @Test
    void saysThatAFolderIsNotThere() {
        CommandLineRun run = CommandLineRun.in(folder, "verify", "nowhere");
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.err()).contains("nowhere").contains("no such file or folder");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "not JSON",
                "[]",
                "{}",
                "{\"sources\": [], \"shards\": [{\"file\": \"x\"}]}",
                "{\"sources\": [], \"shards\": [{\"file\": \"model.safetensors\","
                        + " \"header_sha256\": \"\", \"tensors\": [{\"name\": \"a\", \"source\": 3,"
                        + " \"offset\": 0}]}]}"
            })
    void saysThatReceiptsWereEdited(String receipts) throws IOException {
        TinyModels.llama().write(folder.resolve("a"));
        Files.writeString(folder.resolve("a/accrete.json"), receipts);
        CommandLineRun run = CommandLineRun.in(folder, "verify", "a");
        assertThat(run.exitCode()).as(run::transcript).isEqualTo(3);
        assertThat(run.err()).contains("[FMT-206]").contains("accrete.json");
    }
}
