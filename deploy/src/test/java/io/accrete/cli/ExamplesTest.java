package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

import io.accrete.coordinator.recipe.RecipeReader;
import io.accrete.coordinator.train.JobReader;
import io.accrete.coordinator.train.ParsedJob;
import io.accrete.tour.BaseModel;
import io.accrete.tour.StoryWriter;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The examples say what they mean, all of them can be planned, and the toys run. */
class ExamplesTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path EXAMPLES = Path.of("examples").toAbsolutePath();

    @TempDir private Path folder;

    @TestFactory
    Stream<DynamicTest> everyExampleIsSound() throws IOException {
        try (Stream<Path> files = Files.list(EXAMPLES)) {
            List<Path> all = files.filter(file -> file.toString().endsWith(".yml")).toList();
            assertThat(all).hasSize(10);
            return all.stream()
                    .map(file -> dynamicTest(file.getFileName().toString(), () -> check(file)));
        }
    }

    private static void check(Path file) throws IOException {
        String text = Files.readString(file);
        if (file.toString().endsWith("-merge.yml")) {
            assertThat(RecipeReader.read("recipe.yml", text, true).problems()).isEmpty();
            return;
        }
        ParsedJob job = JobReader.read("job.yml", text);
        assertThat(job.problems()).isEmpty();
        String command = job.job().orElseThrow().grow().isPresent() ? "grow" : "train";
        assertThat(text).startsWith("# accrete " + command + " " + file.getFileName());
    }

    @Test
    void theToysRun() throws IOException {
        BaseModel.write(folder.resolve("base"));
        Files.writeString(folder.resolve("stories.txt"), new StoryWriter(1).write(200));
        Files.writeString(folder.resolve("held-out.txt"), new StoryWriter(2).write(5));
        run("merge", "toy-merge.yml", "grown", "");
        run("train", "toy-heal.yml", "healed", "steps: 150");
        run("train", "prune-heal.yml", "pruned", "steps: 300");
        run("train", "distil.yml", "distilled", "steps: 150");
        run("grow", "grow.yml", "rounds", "steps: 200");
    }

    @Test
    void solarFitsEightDevices() throws IOException {
        String mistral = config("MistralForCausalLM", 4096, 32, 14336, 32000);
        model("models/mistralai/Mistral-7B-v0.1", mistral, 32);
        JsonNode merge = plan("solar-merge.yml", "--models", "models");
        assertThat(merge.path("layers").asInt()).isEqualTo(48);
        grown("out/solar-shape", mistral, merge);
        JsonNode heal = plan("solar-heal.yml", devices(8));
        assertThat(heal.path("trained_parameters").asLong())
                .isEqualTo(heal.path("parameters").asLong())
                .isBetween(10_000_000_000L, 11_000_000_000L);
        assertThat(heal.path("sites").path(24).path("occurrence").asInt()).isEqualTo(1);
        fits(heal);
    }

    @Test
    void oneHundredAndTwentyBillionFitEightDevicesOrSixteen() throws IOException {
        String llama = config("LlamaForCausalLM", 8192, 64, 28672, 128256);
        model("models/meta-llama/Meta-Llama-3-70B-Instruct", llama, 80);
        JsonNode merge = plan("llama-3-120b-merge.yml", "--models", "models");
        assertThat(merge.path("layers").asInt()).isEqualTo(140);
        assertThat(merge.path("parameters").asLong()).isBetween(121_000_000_000L, 123_000_000_000L);
        grown("out/llama-3-120b", llama, merge);
        JsonNode lora = plan("llama-3-120b-lora.yml", devices(8));
        assertThat(lora.path("trained_parameters").asLong()).isLessThan(400_000_000);
        fits(lora);
        JsonNode clones = plan("llama-3-120b-clones.yml", devices(16));
        assertThat(clones.path("trained_parameters").asLong())
                .as("60 layers")
                .isBetween(51_000_000_000L, 52_000_000_000L);
        fits(clones);
    }

    private static String[] devices(int count) {
        return new String[] {
            "--workers", String.valueOf(count), "--memory", "80GB", "--flops", "300e12"
        };
    }

    private static void fits(JsonNode plan) {
        JsonNode pipeline = plan.path("pipeline");
        assertThat(pipeline.path("stages")).isNotEmpty();
        for (JsonNode stage : pipeline.path("stages")) {
            assertThat(stage.path("memory_bytes").asLong())
                    .isPositive()
                    .isLessThanOrEqualTo(stage.path("worker_bytes").asLong());
        }
        assertThat(pipeline.path("seconds").asDouble()).isPositive();
    }

    /** Eight heads of keys, as both models have. */
    private static String config(
            String architecture, int hidden, int heads, int inner, int vocabulary) {
        return """
        {"architectures": ["%s"], "model_type": "%s", "hidden_size": %d,
         "num_attention_heads": %d, "num_key_value_heads": 8, "intermediate_size": %d,
         "vocab_size": %d, "rms_norm_eps": 1e-5, "rope_theta": 500000.0,
         "hidden_act": "silu", "max_position_embeddings": 8192,
         "tie_word_embeddings": false, "torch_dtype": "bfloat16",
         "num_hidden_layers": LAYERS}
        """
                .formatted(
                        architecture,
                        architecture.startsWith("Llama") ? "llama" : "mistral",
                        hidden,
                        heads,
                        inner,
                        vocabulary);
    }

    /** A model that is known by its configuration. */
    private Path model(String name, String config, int layers) throws IOException {
        Path model = Files.createDirectories(folder.resolve(name));
        Files.writeString(
                model.resolve("config.json"), config.replace("LAYERS", String.valueOf(layers)));
        return model;
    }

    /** What a merge would publish, without its weights. */
    private void grown(String name, String config, JsonNode merge) throws IOException {
        Path model = model(name, config, merge.path("layers").asInt());
        ObjectNode lineage = JSON.createObjectNode();
        lineage.set("sites", merge.path("sites"));
        Files.writeString(model.resolve("accrete.json"), lineage.toString());
    }

    private JsonNode plan(String example, String... more) throws IOException {
        Files.copy(EXAMPLES.resolve(example), folder.resolve(example));
        CommandLineRun run = CommandLineRun.in(folder, List.of("plan", example, "--json"), more);
        assertThat(run.exitCode()).as(run.transcript()).isZero();
        return run.result();
    }

    /** As it stands, but for as few steps as show that it runs. */
    private void run(String command, String example, String output, String steps)
            throws IOException {
        String text = Files.readString(EXAMPLES.resolve(example));
        assertThat(text).contains(steps);
        JsonNode plan = plan(example);
        if (command.equals("merge")) {
            assertThat(plan.path("layers").asInt()).isEqualTo(10);
        } else {
            fits(plan);
        }
        Files.writeString(
                folder.resolve(example), steps.isEmpty() ? text : text.replace(steps, "steps: 2"));
        CommandLineRun run = CommandLineRun.in(folder, command, example, output, "--quiet");
        assertThat(run.exitCode()).as(run.transcript()).isZero();
        assertThat(folder.resolve(output).resolve("config.json")).exists();
    }
}
