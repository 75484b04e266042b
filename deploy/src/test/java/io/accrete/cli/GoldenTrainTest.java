package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.accrete.oracle.Material;
import io.accrete.oracle.Weights;
import io.accrete.protocol.safetensors.SafetensorsFile;
import io.accrete.protocol.safetensors.SafetensorsHeader.Entry;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Trajectories of PyTorch, step by step, through the command that users run. */
class GoldenTrainTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Those without the remedies that do not run yet. */
    private static final List<String> CASES =
            List.of(
                    "adamw",
                    "adamw-decay-all-no-clip",
                    "adamw-large-epsilon",
                    "accumulate-4",
                    "accumulate-4-as-one-batch",
                    "warmup-cosine",
                    "self-merge-decoupled-lr-over-k",
                    "self-merge-tied-lr-over-k",
                    "clones-only-identity");

    @TempDir private Path scratch;

    @TestFactory
    Stream<DynamicTest> agreesWithPyTorch() {
        if (!Material.isThere()) {
            return Stream.of(dynamicTest("needs trajectories", Material::goldens));
        }
        return CASES.stream().map(name -> dynamicTest(name, () -> compare(name)));
    }

    private void compare(String name) throws IOException {
        Path golden = Material.goldens().resolve("train").resolve(name);
        JsonNode description = JSON.readTree(golden.resolve("case.json").toFile());
        Path rows = scratch.resolve(name + ".jsonl");
        writeRows(golden.resolve("data.safetensors"), rows);
        Path job = scratch.resolve(name + ".yml");
        Files.writeString(job, job(description, rows));
        Path out = scratch.resolve(name);
        CommandLineRun run =
                CommandLineRun.in(scratch, "train", job.toString(), out.toString(), "--json");
        assertThat(run.exitCode()).as(run.transcript()).isZero();

        JsonNode tolerance = description.path("tolerance");
        List<JsonNode> steps = new ArrayList<>();
        for (String line : Files.readAllLines(out.resolve("metrics.jsonl"))) {
            steps.add(JSON.readTree(line));
        }
        JsonNode expected = JSON.readTree(golden.resolve("trajectory.json").toFile()).path("steps");
        assertThat(steps).hasSize(expected.size());
        for (int i = 0; i < steps.size(); i++) {
            compare(steps.get(i), expected.path(i), tolerance);
        }
        if (Files.exists(golden.resolve("expected.safetensors"))) {
            compareWeights(
                    Weights.read(golden.resolve("expected.safetensors")),
                    Weights.read(out),
                    tolerance.path("param_max_abs").asDouble());
        }
    }

    private static void compare(JsonNode step, JsonNode expected, JsonNode tolerance) {
        Offset<Double> loss = Offset.offset(tolerance.path("loss_abs").asDouble());
        double norm = expected.path("grad_norm").asDouble();
        assertThat(step.path("step").asInt()).isEqualTo(expected.path("step").asInt());
        assertThat(step.path("tokens").asLong()).isEqualTo(expected.path("targets").asLong());
        assertThat(step.path("loss").asDouble()).isCloseTo(expected.path("loss").asDouble(), loss);
        for (int i = 0; i < expected.path("micro_losses").size(); i++) {
            assertThat(step.path("micro_losses").path(i).asDouble())
                    .isCloseTo(expected.path("micro_losses").path(i).asDouble(), loss);
        }
        assertThat(step.path("grad_norm").asDouble())
                .isCloseTo(norm, Offset.offset(tolerance.path("grad_norm_rel").asDouble() * norm));
        assertThat(step.path("learning_rate").asDouble())
                .isCloseTo(expected.path("learning_rate").asDouble(), Offset.offset(1e-12));
        assertThat(step.path("clip").asDouble())
                .isCloseTo(
                        expected.path("clip_factor").asDouble(),
                        Offset.offset(tolerance.path("grad_norm_rel").asDouble()));
    }

    private static void compareWeights(Weights expected, Weights trained, double tolerance) {
        int compared = 0;
        for (Map.Entry<String, Weights.Tensor> tensor : expected.tensors().entrySet()) {
            if (!tensor.getKey().startsWith("param.")) {
                continue;
            }
            String name = tensor.getKey().substring("param.".length());
            double[] truth = tensor.getValue().values();
            double[] values = trained.tensor(name).values();
            double worst = 0;
            for (int i = 0; i < truth.length; i++) {
                worst = Math.max(worst, Math.abs(truth[i] - values[i]));
            }
            assertThat(worst).as(name).isLessThanOrEqualTo(tolerance);
            compared++;
        }
        assertThat(compared).isPositive();
    }

    private static String job(JsonNode description, Path rows) {
        JsonNode optimizer = description.path("optimizer");
        JsonNode schedule = description.path("schedule");
        JsonNode batch = description.path("batch");
        boolean surgery = description.has("sites");
        String sites =
                surgery
                        ? "sites: [%s]\n"
                                .formatted(
                                        description
                                                .path("sites")
                                                .valueStream()
                                                .map(s -> s.path("source_layer").asText())
                                                .collect(Collectors.joining(", ")))
                        : "";
        boolean overK =
                description
                        .path("learning_rate_multipliers")
                        .valueStream()
                        .anyMatch(m -> m.asDouble() == 0.5);
        return """
        model: %s
        %sclones: {init: %s, tie: %s, learning_rate: %s}
        trainable: %s
        data: {train: [%s], sequence_length: 4096, shuffle: false, pack: false}
        batch: {micro_batch: %s, accumulate: %s}
        optimizer: {learning_rate: %s, betas: %s, epsilon: %s, weight_decay: %s, decay: %s,
                    clip_norm: %s, schedule: %s, warmup_steps: %s, min_ratio: %s}
        steps: %s
        """
                .formatted(
                        Material.data().resolve("models/stories260k-hf"),
                        sites,
                        description.has("branch_scale") ? "identity" : "copy",
                        description.path("tied_clones").asBoolean(),
                        overK ? "1/k" : "1",
                        description.path("trainable").asText(),
                        rows,
                        batch.path("micro_batch"),
                        batch.path("accumulate"),
                        schedule.path("learning_rate"),
                        optimizer.path("betas"),
                        optimizer.path("epsilon"),
                        optimizer.path("weight_decay"),
                        optimizer.path("decay").asText(),
                        description.path("clip_norm"),
                        schedule.path("kind").asText(),
                        schedule.path("warmup_steps"),
                        schedule.path("min_ratio"),
                        batch.path("steps"));
    }

    /** As the expected results say: ids of a row, and labels whose first is never scored. */
    private static void writeRows(Path data, Path rows) throws IOException {
        SafetensorsFile file = SafetensorsFile.open(data);
        long[] tokens = longs(file, "tokens");
        List<Long> extents = file.header().entry("tokens").orElseThrow().spec().shape().extents();
        int length = extents.getLast().intValue();
        boolean masked = file.header().entry("targets").isPresent();
        long[] targets = masked ? longs(file, "targets") : new long[0];
        List<String> lines = new ArrayList<>();
        for (int row = 0; row < tokens.length / length; row++) {
            List<Long> ids = new ArrayList<>();
            List<Long> labels = new ArrayList<>();
            for (int i = 0; i < length; i++) {
                ids.add(tokens[row * length + i]);
                labels.add(
                        i == 0
                                ? -100L
                                : masked
                                        ? targets[row * (length - 1) + i - 1]
                                        : tokens[row * length + i]);
            }
            lines.add("{\"input_ids\": %s, \"labels\": %s}".formatted(ids, labels));
        }
        Files.write(rows, lines);
    }

    private static long[] longs(SafetensorsFile file, String tensor) throws IOException {
        Entry entry = file.header().entry(tensor).orElseThrow();
        ByteBuffer bytes = ByteBuffer.allocate((int) entry.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        try (FileChannel channel = FileChannel.open(file.path())) {
            channel.read(bytes, file.header().offset(entry));
        }
        long[] values = new long[(int) (entry.bytes() / Long.BYTES)];
        bytes.flip().asLongBuffer().get(values);
        return values;
    }
}
