package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.accrete.oracle.SmallModel;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How a model goes on in the course of its training. */
class SamplesTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> PROMPTS = List.of("Once upon a time", "Tom had a dog");

    @TempDir private Path scratch;

    @BeforeEach
    void writeTexts() throws IOException {
        StoryTexts.write(scratch);
    }

    @Test
    void itGoesOnAsThePlainModelDoes() throws IOException {
        CommandLineRun run = train("held", "held.txt", "{stages: 1}");
        List<JsonNode> samples = samples("held");
        assertThat(samples)
                .extracting(line -> line.path("step").asInt())
                .containsExactly(0, 0, 4, 4, 8, 8);
        for (int i = 0; i < PROMPTS.size(); i++) {
            assertThat(prompt(samples.get(i))).isEqualTo(PROMPTS.get(i));
            assertThat(text(samples.get(i)))
                    .isEqualTo(generated(SmallModel.folder(), PROMPTS.get(i)));
            assertThat(text(samples.get(4 + i)))
                    .isEqualTo(generated(scratch.resolve("held"), PROMPTS.get(i)));
        }
        assertThat(samples.getFirst()).isNotEqualTo(samples.getLast());
        assertThat(run.out().lines().filter(line -> line.contains("{\"event\":\"sample\"")))
                .hasSize(6);
        assertThat(Files.readString(scratch.resolve("held/report.html")))
                .contains(
                        "How it went on, step by step", "<td>step 4</td><td>Once upon a time</td>");
    }

    @Test
    void stagesAgreeAndNothingHasToBeHeldBack() throws IOException {
        train("one", "", "{stages: 1}");
        train("three", "", "{stages: 3}");
        train("woven", "", "{stages: 2, schedule: interleaved, slices_per_stage: 2}");
        assertThat(samples("one")).hasSize(6);
        assertThat(samples("three")).isEqualTo(samples("one"));
        assertThat(samples("woven")).isEqualTo(samples("one"));
        assertThat(Files.readString(scratch.resolve("one/metrics.jsonl")))
                .doesNotContain("validation");
    }

    @Test
    void withoutATokenizerNothingCanBeAskedFor() throws IOException {
        Path bare = Files.createDirectories(scratch.resolve("bare"));
        for (String name : new String[] {"config.json", "model.safetensors"}) {
            Files.copy(SmallModel.folder().resolve(name), bare.resolve(name));
        }
        Files.writeString(scratch.resolve("text.txt.jsonl"), "{\"input_ids\": [1, 5, 6, 7]}\n");
        Files.writeString(
                scratch.resolve("bare.yml"),
                """
                model: bare
                data: {train: text.txt.jsonl, sequence_length: 33}
                steps: 2
                monitor: {sample: Once}
                """);
        CommandLineRun run = CommandLineRun.in(scratch, "train", "bare.yml", "out");
        assertThat(run.exitCode()).as(run.transcript()).isNotZero();
        assertThat(run.err()).contains("tokenizer.json");
    }

    private CommandLineRun train(String name, String validation, String pipeline)
            throws IOException {
        Files.writeString(
                scratch.resolve(name + ".yml"),
                """
                model: %s
                sites: [0, 1, 2, 1, 2, 3, 4]
                clones: {init: identity}
                data: {train: text.txt, validation: [%s], sequence_length: 33}
                batch: {micro_batch: 2, accumulate: 2}
                optimizer: {learning_rate: 0.003, warmup_steps: 1}
                steps: 8
                monitor: {validate_every: 4, sample: %s}
                pipeline: %s
                """
                        .formatted(SmallModel.folder(), validation, PROMPTS, pipeline));
        CommandLineRun run = CommandLineRun.in(scratch, "train", name + ".yml", name, "--json");
        assertThat(run.exitCode()).as(run.transcript()).isZero();
        return run;
    }

    private List<JsonNode> samples(String out) throws IOException {
        List<JsonNode> samples = new ArrayList<>();
        for (String line : Files.readAllLines(scratch.resolve(out).resolve("metrics.jsonl"))) {
            JsonNode read = JSON.readTree(line);
            if (read.has("sample")) {
                samples.add(read);
            }
        }
        return samples;
    }

    private static String prompt(JsonNode line) {
        return line.path("sample").path("prompt").asText();
    }

    private static String text(JsonNode line) {
        return line.path("sample").path("text").asText().strip();
    }

    /** What the command adds to the prompt. */
    private String generated(Path model, String prompt) {
        CommandLineRun run =
                CommandLineRun.in(
                        scratch,
                        "generate",
                        "--model",
                        model.toString(),
                        "-n",
                        "32",
                        "--ignore-eos",
                        "--json",
                        prompt);
        assertThat(run.exitCode()).as(run.transcript()).isZero();
        return run.result().path("text").asText().substring(prompt.length()).strip();
    }
}
