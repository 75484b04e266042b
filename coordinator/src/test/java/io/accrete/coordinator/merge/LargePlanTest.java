package io.accrete.coordinator.merge;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.coordinator.plan.PlanOutcome;
import io.accrete.coordinator.plan.PlanReport;
import io.accrete.protocol.job.JobSpec;
import io.accrete.protocol.job.MergeOptions;
import io.accrete.protocol.job.MergeOptions.Layout;
import io.accrete.protocol.job.Problem;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** Plans of models of real size, from config.json and index alone. */
class LargePlanTest {
    private static final String LLAMA_70B = "llama-3-70b-instruct-reflection";

    @TempDir Path folder;

    @Test
    void theSelfMergeTo120BillionIsPlannedFromItsIndex() throws IOException {
        Path recipe = only("Meta-Llama-3-120B");
        String text =
                Files.readString(recipe).replace("meta-llama/Meta-Llama-3-70B-Instruct", LLAMA_70B);

        PlanOutcome outcome = preview(text, Layout.MERGEKIT);

        PlanReport report = outcome.report().orElseThrow();
        assertThat(outcome.problems()).noneMatch(Problem::isError);
        assertThat(outcome.problems()).anyMatch(problem -> problem.code().equals("STO-006"));
        assertThat(outcome.plan()).as("a plan that cannot be run").isEmpty();
        assertThat(report.layers()).isEqualTo(140);
        assertThat(report.tensors()).isEqualTo(1263);
        assertThat(report.parameters()).isEqualTo(121_893_068_800L);
        assertThat(report.bytes()).isEqualTo(243_786_137_600L);
        assertThat(report.dtype()).isEqualTo("F16");
        assertThat(report.shards()).hasSize(50);
        assertThat(report.sites().stream().filter(site -> site.copies() == 2)).hasSize(120);
    }

    @Test
    void aRecipeOfFiveHundredSlicesIsPlanned() throws IOException {
        SharedMaterial.data();
        StringBuilder text = new StringBuilder("merge_method: passthrough\nslices:\n");
        for (int i = 0; i < 500; i++) {
            text.append("- sources: [{model: ").append(LLAMA_70B);
            text.append(", layer_range: [%d, %d]}]\n".formatted(i % 70, i % 70 + 2));
        }
        long begun = System.nanoTime();

        PlanReport report = preview(text.toString(), Layout.MERGEKIT).report().orElseThrow();

        System.out.printf(
                "a plan of %d layers and %d tensors took %d ms%n",
                report.layers(),
                report.tensors(),
                Duration.ofNanos(System.nanoTime() - begun).toMillis());
        assertThat(report.layers()).isEqualTo(1000);
        assertThat(report.tensors()).isEqualTo(1000 * 9 + 3);
    }

    @Test
    void theFilesOfARealMergeHaveThePredictedSizes() throws IOException {
        String text = "merge_method: passthrough\nmodels: [{model: llama-3.1-8b-modelstock}]\n";

        PlanReport report = preview(text, Layout.MERGEKIT).report().orElseThrow();

        assertThat(report.shards().stream().map(PlanReport.Shard::bytes))
                .containsExactlyElementsOf(
                        trueSizes(
                                "YouriLalain__1PARAMMYL-8B-ModelStock__model-0000%d-of-00004", 4));
    }

    /** Its index is not at hand; its configuration is that of every Yi 1.5 of six billion. */
    @Test
    void theFilesOfASecondRealMergeHaveThePredictedSizes() throws IOException {
        SharedMaterial.data();
        Path model = Files.createDirectory(folder.resolve("yi"));
        Files.writeString(
                model.resolve("config.json"),
                """
                {
                  "architectures": ["LlamaForCausalLM"],
                  "hidden_size": 4096,
                  "intermediate_size": 11008,
                  "model_type": "llama",
                  "num_attention_heads": 32,
                  "num_hidden_layers": 32,
                  "num_key_value_heads": 4,
                  "tie_word_embeddings": false,
                  "torch_dtype": "bfloat16",
                  "vocab_size": 64000
                }
                """);
        String text = "merge_method: passthrough\nmodels: [{model: %s}]\n".formatted(model);

        PlanReport report = preview(text, Layout.MERGEKIT).report().orElseThrow();

        assertThat(report.shards().stream().map(PlanReport.Shard::bytes))
                .containsExactlyElementsOf(
                        trueSizes(
                                "YouriLalain__2PRYMMAL-Yi1.5-6B-SLERP__model-0000%d-of-00003", 3));
    }

    private PlanOutcome preview(String recipe, Layout layout) {
        MergeOptions options =
                SharedMaterial.with(
                        MergeOptions.defaults(folder.toString()),
                        layout,
                        MergeOptions.OUT_SHARD_SIZE,
                        false,
                        false,
                        false,
                        List.of(SharedMaterial.data().resolve("model-meta").toString()));
        return MergePlanning.preview(
                JobSpec.merge("recipe.yml", recipe, folder.resolve("out").toString(), options));
    }

    /** What Git LFS pointers say of the files. */
    private static List<Long> trueSizes(String pattern, int count) throws IOException {
        Path pointers = SharedMaterial.data().resolve("malformed/git-lfs-pointers");
        List<Long> sizes = new java.util.ArrayList<>();
        for (int i = 1; i <= count; i++) {
            Path pointer = pointers.resolve(pattern.formatted(i) + ".safetensors");
            for (String line : Files.readAllLines(pointer)) {
                if (line.startsWith("size ")) {
                    sizes.add(Long.parseLong(line.substring("size ".length())));
                }
            }
        }
        return sizes;
    }

    private static Path only(String part) throws IOException {
        try (Stream<Path> files = Files.list(SharedMaterial.data().resolve("recipes"))) {
            return files.filter(file -> file.getFileName().toString().contains(part))
                    .findFirst()
                    .orElseThrow();
        }
    }
}
