package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.accrete.oracle.Material;
import io.accrete.protocol.fixture.TinyModels;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** Loss and continuations against transformers, grown models included, as a user gets them. */
class EvalCommandTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir private Path scratch;

    @Test
    void lossIsThatOfTransformersOnTextAlsoOfGrownModels() throws IOException {
        Path goldens = Material.goldens().resolve("model");
        Map<String, Path> grown = new HashMap<>();
        JsonNode expected = JSON.readTree(goldens.resolve("perplexity.json").toFile());
        for (JsonNode row : expected.path("rows")) {
            Path model = Material.data().resolve(row.path("model").asText());
            if (row.path("recipe").isTextual()) {
                Path recipe = goldens.resolve(row.path("recipe").asText());
                model = grown.computeIfAbsent(row.path("recipe").asText(), r -> grow(recipe));
            }
            CommandLineRun run =
                    CommandLineRun.in(
                            scratch,
                            "eval",
                            "--model",
                            model.toString(),
                            "--data",
                            corpus(row).toString(),
                            "--window",
                            expected.path("window").asText(),
                            "--json");
            assertThat(run.exitCode()).as(run.transcript()).isZero();
            assertThat(run.result().path("tokens").asLong())
                    .isEqualTo(row.path("scored_ids").asLong());
            assertThat(run.result().path("loss").asDouble())
                    .as(row.path("name").asText())
                    .isCloseTo(
                            row.path("nll").asDouble(),
                            Offset.offset(row.path("tolerance_nll").asDouble()));
        }
    }

    @Test
    void greedyContinuationsAreThoseOfTransformers() throws IOException {
        Path goldens = Material.goldens().resolve("model");
        JsonNode expected = JSON.readTree(goldens.resolve("generation.json").toFile());
        int compared = 0;
        for (JsonNode row : expected.path("rows")) {
            if (row.path("sites").isArray()) {
                continue;
            }
            CommandLineRun run =
                    CommandLineRun.in(
                            scratch,
                            "generate",
                            "--model",
                            Material.data().resolve(row.path("model").asText()).toString(),
                            "--tokens",
                            row.path("new_tokens").asText(),
                            "--ignore-eos",
                            "--json",
                            row.path("prompt").asText());
            assertThat(run.exitCode()).as(run.transcript()).isZero();
            assertThat(run.result().path("prompt_ids")).isEqualTo(row.path("prompt_ids"));
            assertThat(run.result().path("new_ids"))
                    .as(row.path("prompt").asText())
                    .isEqualTo(row.path("new_ids"));
            assertThat(run.result().path("text")).isEqualTo(row.path("text"));
            compared++;
        }
        assertThat(compared).isPositive();
    }

    @Test
    void rowsAreScoredAsTheyStandAndTheirLogitsWritten() throws IOException {
        Path rows = scratch.resolve("rows.jsonl");
        Files.writeString(
                rows,
                """
                {"input_ids": [1, 403, 407, 261], "labels": [-100, -100, 407, 261]}
                {"input_ids": [1, 410]}
                """);
        Path logits = scratch.resolve("logits.safetensors");
        String model = Material.data().resolve("models/stories260k-hf").toString();
        CommandLineRun run =
                CommandLineRun.in(
                        scratch,
                        "eval",
                        "--model",
                        model,
                        "--data",
                        rows.toString(),
                        "--logits",
                        logits.toString(),
                        "--json");
        assertThat(run.exitCode()).as(run.transcript()).isZero();
        assertThat(run.result().path("tokens").asLong()).isEqualTo(3);
        CommandLineRun inspect = CommandLineRun.in(scratch, "inspect", logits.toString(), "--json");
        JsonNode tensor = inspect.result().path("tensors").path(0);
        assertThat(tensor.path("shape").toString()).isEqualTo("[2,4,512]");
        ByteBuffer values =
                ByteBuffer.wrap(Files.readAllBytes(logits)).order(ByteOrder.LITTLE_ENDIAN);
        values.position(tensor.path("offset").asInt());
        float[] all = new float[2 * 4 * 512];
        values.asFloatBuffer().get(all);
        double nll = nll(all, 1, 407) + nll(all, 2, 261) + nll(all, 4, 410);
        assertThat(run.result().path("loss").asDouble()).isCloseTo(nll / 3, Offset.offset(1e-5));
        assertThat(all[5 * 512 + 511]).isNotZero();
        assertThat(all[6 * 512]).isZero();
    }

    @Test
    void everyMistakeInTheDataNamesItsLine() throws IOException {
        assertMistake("{\"input_ids\": [1, 512]}", "rows.jsonl:1  [DAT-016]", "0..511");
        assertMistake("{\"input_ids\": [1, 2]}\n\n{\"input_ids\": [1,", ":3  [DAT-010]", "JSON");
        assertMistake("{\"input_ids\": [1, 2]} {\"input_ids\": [3, 4]}", ":1  [DAT-010]", "JSON");
        assertMistake("{\"input_ids\": [1, \"a\"]}", ":1  [DAT-015]", "whole number");
        assertMistake("{\"input_ids\": [1, 2], \"labels\": [2]}", ":1  [DAT-014]", "1 labels");
        assertMistake("{\"messages\": []}", ":1  [DAT-011]", "not read yet");
        assertMistake("{\"prompt\": \"x\"}", ":1  [DAT-012]", "input_ids");
        assertMistake("{\"input_ids\": []}", ":1  [DAT-013]", "empty");
        assertMistake("", "[DAT-017]", "empty");
        assertMistake(
                "{\"input_ids\": [1, 2], \"labels\": [-100, -100]}", "[DAT-017]", "none of its 1");
    }

    /** All bytes of the data are ones, which is NaN in float32. */
    @Test
    void aModelWithoutNumbersHasNoLoss() throws IOException {
        TinyModels.llama().write(scratch.resolve("m"));
        Path file = scratch.resolve("m/model.safetensors");
        byte[] bytes = Files.readAllBytes(file);
        int header = 8 + ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt();
        Arrays.fill(bytes, header, bytes.length, (byte) 0xff);
        Files.write(file, bytes);
        Files.writeString(scratch.resolve("rows.jsonl"), "{\"input_ids\": [1, 2]}");
        CommandLineRun run =
                CommandLineRun.in(scratch, "eval", "--model", "m", "--data", "rows.jsonl");
        assertThat(run.exitCode()).as(run.transcript()).isEqualTo(ExitCode.INVALID_INPUT.code());
        assertThat(run.err()).contains("[DAT-024]", "no finite number");
    }

    private void assertMistake(String rows, String... parts) throws IOException {
        Path file = scratch.resolve("rows.jsonl");
        Files.writeString(file, rows);
        String model = Material.data().resolve("models/stories260k-hf").toString();
        CommandLineRun run =
                CommandLineRun.in(scratch, "eval", "--model", model, "--data", file.toString());
        assertThat(run.exitCode()).as(run.transcript()).isEqualTo(ExitCode.INVALID_INPUT.code());
        assertThat(run.err()).contains(parts);
    }

    private static double nll(float[] logits, int position, int target) {
        double sum = 0;
        for (int i = 0; i < 512; i++) {
            sum += Math.exp(logits[position * 512 + i]);
        }
        return Math.log(sum) - logits[position * 512 + target];
    }

    private Path grow(Path recipe) {
        String name = recipe.getFileName().toString();
        CommandLineRun run =
                CommandLineRun.in(
                        Material.data(),
                        "merge",
                        recipe.toString(),
                        scratch.resolve(name).toString(),
                        "--quiet");
        assertThat(run.exitCode()).as(run.transcript()).isZero();
        return scratch.resolve(name);
    }

    private Path corpus(JsonNode row) throws IOException {
        String name = row.path("corpus").asText().replaceFirst("\\[.*", "");
        String text = Files.readString(Material.data().resolve(name));
        int end = text.offsetByCodePoints(0, row.path("characters").asInt());
        Path cut = scratch.resolve("corpus.txt");
        Files.writeString(cut, text.substring(0, end));
        return cut;
    }
}
