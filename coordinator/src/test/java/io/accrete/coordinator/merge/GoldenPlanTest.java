package io.accrete.coordinator.merge;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.accrete.coordinator.plan.PlanOutcome;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.merge.MergePlan;
import io.accrete.protocol.merge.ShardTask;
import io.accrete.protocol.merge.SourceTensor;
import io.accrete.protocol.merge.TensorOp;
import io.accrete.protocol.merge.TensorTask;
import io.accrete.protocol.model.ModelConfig;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Plans of the recipes that mergekit 0.1.5 has run, against what it made of them. */
class GoldenPlanTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> METHODS = Set.of("passthrough", "linear", "slerp");

    /** Recipes of these methods that need what does not run yet, and the sentence's code. */
    private static final Map<String, String> NOT_YET =
            Map.of(
                    "lora-copy", "PLN-002",
                    "lora-linear", "PLN-002",
                    "pad-to-multiple", "PLN-052",
                    "tokenizer-of-model", "PLN-055",
                    "tokenizer-tokens", "PLN-051",
                    "tokenizer-union", "PLN-050",
                    "tokenizer-union-grow", "PLN-050");

    @TestFactory
    Stream<DynamicTest> thePlanGivesTheTensorsThatMergekitGives() throws IOException {
        return cases().map(c -> DynamicTest.dynamicTest(c.toString(), () -> compare(c)));
    }

    @Test
    void enoughRecipesAreCompared() throws IOException {
        SharedMaterial.goldens();
        assertThat(cases()).hasSizeGreaterThan(50);
    }

    private static Stream<Path> cases() throws IOException {
        if (!SharedMaterial.isThere()) {
            return Stream.of(Path.of("real models"));
        }
        return SharedMaterial.folders(SharedMaterial.goldens().resolve("merge")).stream()
                .filter(folder -> !folder.endsWith("reject"))
                .filter(folder -> METHODS.contains(method(folder)))
                .map(Path::getFileName);
    }

    private static String method(Path folder) {
        try (Stream<String> lines = Files.lines(folder.resolve("recipe.yml"))) {
            return lines.filter(line -> line.startsWith("merge_method:"))
                    .map(line -> line.substring("merge_method:".length()).strip())
                    .reduce("", (before, last) -> last);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void compare(Path name) throws IOException, NoSuchAlgorithmException {
        Path folder = SharedMaterial.goldens().resolve("merge").resolve(name);
        PlanOutcome outcome =
                MergePlanning.plan(
                        SharedMaterial.job(
                                folder.resolve("recipe.yml"),
                                SharedMaterial.arguments(folder.resolve("case.json"))));
        String refusal = NOT_YET.get(name.toString());
        if (refusal != null) {
            assertThat(outcome.problems().stream().filter(Problem::isError).map(Problem::code))
                    .contains(refusal);
            return;
        }
        assertThat(outcome.problems().stream().filter(Problem::isError)).isEmpty();
        MergePlan plan = outcome.plan().orElseThrow();
        compareTensors(plan, folder);
        compareConfig(plan, SharedMaterial.json(folder.resolve("config.json")));
        if (Files.exists(folder.resolve("model.safetensors.index.json"))) {
            compareIndex(plan, folder.resolve("model.safetensors.index.json"));
        } else {
            assertThat(plan.texts()).doesNotContainKey("model.safetensors.index.json");
            assertThat(plan.shards())
                    .extracting(ShardTask::file)
                    .containsExactly("model.safetensors");
        }
    }

    /** Names, types and shapes of all; the bytes of those that are only moved. */
    private static void compareTensors(MergePlan plan, Path folder)
            throws IOException, NoSuchAlgorithmException {
        Map<String, String> expected = new TreeMap<>();
        Map<String, String> digests = new TreeMap<>();
        for (String line : Files.readAllLines(folder.resolve("tensors.tsv"))) {
            String[] cells = line.split("\t", -1);
            if (!cells[0].equals("name")) {
                expected.put(cells[0], cells[1] + " " + cells[2]);
                digests.put(cells[0], cells[3]);
            }
        }
        Map<String, String> planned = new TreeMap<>();
        for (ShardTask shard : plan.shards()) {
            for (TensorTask task : shard.tensors()) {
                String shape =
                        String.join(
                                "x",
                                task.output().shape().extents().stream()
                                        .map(String::valueOf)
                                        .toList());
                planned.put(task.output().name(), task.output().dtype() + " " + shape);
                if (task.op() instanceof TensorOp.Copy(SourceTensor source)) {
                    assertThat(digest(plan, source))
                            .as(task.output().name())
                            .isEqualTo(digests.get(task.output().name()));
                }
            }
        }
        assertThat(planned).isEqualTo(expected);
    }

    private static String digest(MergePlan plan, SourceTensor source)
            throws IOException, NoSuchAlgorithmException {
        byte[] bytes = new byte[Math.toIntExact(source.bytes())];
        try (var file = new RandomAccessFile(plan.sources().get(source.file()).path(), "r")) {
            file.seek(source.offset());
            file.readFully(bytes);
        }
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    private static void compareConfig(MergePlan plan, JsonNode expected) throws IOException {
        ModelConfig ours = ModelConfig.parse(plan.texts().getOrDefault("config.json", ""));
        ModelConfig theirs = ModelConfig.parse(expected.toString());
        assertThat(ours.architecture()).isEqualTo(theirs.architecture());
        assertThat(ours.layers()).isEqualTo(theirs.layers());
        assertThat(ours.hidden()).isEqualTo(theirs.hidden());
        assertThat(ours.heads()).isEqualTo(theirs.heads());
        assertThat(ours.kvHeads()).isEqualTo(theirs.kvHeads());
        assertThat(ours.headDim()).isEqualTo(theirs.headDim());
        assertThat(ours.ffn()).isEqualTo(theirs.ffn());
        assertThat(ours.tied()).isEqualTo(theirs.tied());
        assertThat(ours.dtype()).isEqualTo(theirs.dtype());
        assertThat(ours.ropeTheta()).isEqualTo(theirs.ropeTheta());
        assertThat(ours.vocab()).isEqualTo(theirs.vocab());
    }

    /**
     * Shards and the order of tensors over them. Copies of one tensor may stand in any order, so
     * what counts is the tensor that they are copies of.
     */
    private static void compareIndex(MergePlan plan, Path index) throws IOException {
        JsonNode ours =
                JSON.readTree(plan.texts().getOrDefault("model.safetensors.index.json", ""));
        JsonNode theirs = SharedMaterial.json(index);
        assertThat(ours.path("metadata").path("total_size"))
                .isEqualTo(theirs.path("metadata").path("total_size"));
        Map<String, String> sources = new HashMap<>();
        for (ShardTask shard : plan.shards()) {
            for (TensorTask task : shard.tensors()) {
                sources.put(task.output().name(), source(task.op()).name());
            }
        }
        assertThat(entries(ours, sources)).isEqualTo(entries(theirs, sources));
    }

    private static SourceTensor source(TensorOp op) {
        return switch (op) {
            case TensorOp.Copy copy -> copy.source();
            case TensorOp.Convert convert -> convert.source();
            case TensorOp.Linear linear -> linear.inputs().getFirst().source();
            case TensorOp.Slerp slerp -> slerp.base();
        };
    }

    private static List<String> entries(JsonNode index, Map<String, String> sources) {
        List<String> entries = new ArrayList<>();
        index.path("weight_map")
                .properties()
                .forEach(e -> entries.add(sources.get(e.getKey()) + " in " + e.getValue()));
        return entries;
    }
}
