package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.accrete.oracle.Material;
import io.accrete.oracle.Weights;
import io.accrete.protocol.safetensors.SafetensorsFile;
import io.accrete.protocol.safetensors.SafetensorsHeader.Entry;
import io.accrete.protocol.safetensors.ShardHeader;
import io.accrete.protocol.tensor.DType;
import io.accrete.protocol.tensor.Shape;
import io.accrete.protocol.tensor.TensorSpec;
import io.accrete.worker.tensor.ComputeDevice;
import io.accrete.worker.tensor.DeviceAbsentException;
import io.accrete.worker.tensor.PresentDevice;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
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
                    "clones-only-identity",
                    "gates-channel",
                    "gates-scalar-one-over-k",
                    "gates-scalar-zero",
                    "lora",
                    "distill",
                    "grow-5-6-7");

    @TempDir private Path scratch;

    @TestFactory
    Stream<DynamicTest> agreesWithPyTorch() {
        if (!Material.isThere()) {
            return Stream.of(dynamicTest("needs trajectories", Material::goldens));
        }
        return CASES.stream().map(name -> dynamicTest(name, () -> compare(name, "")));
    }

    /** Two stages on one GPU; without a GPU it says why it does not run. */
    @Test
    void agreesWithPyTorchOnAGpu() throws IOException {
        Material.goldens();
        ComputeDevice gpu = new ComputeDevice.Cuda(0);
        try {
            PresentDevice.of(gpu);
        } catch (DeviceAbsentException e) {
            abort(String.valueOf(e.getMessage()));
        }
        compare("accumulate-4", "pipeline: {stages: 2}\n", "--devices", gpu.toString());
    }

    private void compare(String name, String pipeline, String... options) throws IOException {
        Path golden = Material.goldens().resolve("train").resolve(name);
        JsonNode description = JSON.readTree(golden.resolve("case.json").toFile());
        Path rows = scratch.resolve(name + ".jsonl");
        writeRows(golden.resolve("data.safetensors"), rows);
        Path job = scratch.resolve(name + ".yml");
        Files.writeString(job, job(description, rows) + remedies(description, golden) + pipeline);
        Path out = scratch.resolve(name);
        List<String> command = new ArrayList<>();
        command.add(description.has("rounds") ? "grow" : "train");
        command.addAll(List.of(job.toString(), out.toString(), "--json"));
        command.addAll(List.of(options));
        CommandLineRun run = CommandLineRun.in(scratch, command.toArray(String[]::new));
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
        compareWeights(
                Weights.read(golden.resolve(description.path("files").path("expected").asText())),
                out,
                new GoldenStart(description, golden, Integer.MAX_VALUE),
                tolerance);
    }

    private String remedies(JsonNode description, Path golden) throws IOException {
        StringBuilder text = new StringBuilder();
        if (description.has("lora")) {
            JsonNode lora = description.path("lora");
            Path adapter = Files.createDirectory(scratch.resolve("adapter"));
            Files.copy(
                    golden.resolve("adapter/adapter_config.json"),
                    adapter.resolve("adapter_config.json"));
            writeInitial(golden.resolve("data.safetensors"), adapter);
            text.append(
                    "lora: {rank: %s, alpha: %s, targets: %s, adapter: %s}\n"
                            .formatted(
                                    lora.path("rank"),
                                    lora.path("alpha"),
                                    lora.path("targets"),
                                    adapter));
        }
        if (description.has("rounds")) {
            List<String> rounds =
                    description
                            .path("rounds")
                            .valueStream()
                            .map(
                                    round ->
                                            "{after_site: %s, steps: %s}"
                                                    .formatted(
                                                            round.path("insert_after_site"),
                                                            round.path("steps")))
                            .toList();
            text.append("grow: {rounds: %s}\n".formatted(rounds));
        }
        if (description.has("distill")) {
            JsonNode distill = description.path("distill");
            text.append(
                    "distill: {teacher: %s, weight: %s, temperature: %s}\n"
                            .formatted(
                                    Material.data().resolve(description.path("teacher").asText()),
                                    distill.path("weight"),
                                    distill.path("temperature")));
        }
        return text.toString();
    }

    /** The first values of low-rank matrices as an adapter. */
    static void writeInitial(Path data, Path adapter) throws IOException {
        String prefix = "initial.";
        List<Weights.Tensor> tensors =
                Weights.read(data).tensors().values().stream()
                        .filter(tensor -> tensor.name().startsWith(prefix))
                        .toList();
        List<TensorSpec> specs = new ArrayList<>();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (Weights.Tensor tensor : tensors) {
            long[] extents =
                    Stream.of(tensor.shape().split("x")).mapToLong(Long::parseLong).toArray();
            String name = tensor.name().substring(prefix.length());
            specs.add(new TensorSpec(name, DType.F32, Shape.of(extents)));
            bytes.write(tensor.bytes());
        }
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.write(ShardHeader.encode(specs, Map.of(), 0));
        bytes.writeTo(file);
        Files.write(adapter.resolve("adapter_model.safetensors"), file.toByteArray());
    }

    private static void compare(JsonNode step, JsonNode expected, JsonNode tolerance) {
        Offset<Double> loss = Offset.offset(tolerance.path("loss_abs").asDouble());
        double norm = expected.path("grad_norm").asDouble();
        assertThat(step.path("step").asInt()).isEqualTo(expected.path("step").asInt());
        assertThat(step.path("tokens").asLong()).isEqualTo(expected.path("targets").asLong());
        assertThat(step.path("loss").asDouble()).isCloseTo(expected.path("loss").asDouble(), loss);
        for (String list : List.of("micro_losses", "micro_cross_entropy", "micro_kl")) {
            for (int i = 0; i < expected.path(list).size(); i++) {
                assertThat(step.path(list).path(i).asDouble())
                        .isCloseTo(expected.path(list).path(i).asDouble(), loss);
            }
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

    /**
     * The model's own tensors, or what they are once gates and low-rank matrices are folded in; and
     * the adapter. How far those that are as they were trained are from where they should be is
     * judged by how far they have moved.
     */
    private static void compareWeights(
            Weights expected, Path out, GoldenStart start, JsonNode tolerance) throws IOException {
        Weights trained = Weights.read(out);
        int compared = 0;
        double off = 0;
        double moved = 0;
        for (Weights.Tensor tensor : expected.tensors().values()) {
            String name = tensor.name().substring(tensor.name().indexOf('.') + 1);
            boolean isPlain =
                    tensor.name().startsWith("param.")
                            && !expected.tensors().containsKey("folded." + name)
                            && !name.endsWith("_gate");
            boolean isFolded = tensor.name().matches("(folded|merged)[.].*[.](weight|bias)");
            if (isPlain || isFolded) {
                Weights place =
                        name.startsWith("base_model.")
                                ? Weights.read(out.resolve("adapter"))
                                : trained;
                assertThat(place.tensor(name).shape()).as(name).isEqualTo(tensor.shape());
                assertThat(worst(tensor.values(), place.tensor(name).values()))
                        .as(name)
                        .isLessThanOrEqualTo(tolerance.path("param_max_abs").asDouble());
                compared++;
                if (isPlain) {
                    double[] truth = tensor.values();
                    double ownOff = squares(truth, place.tensor(name).values());
                    double ownMoved = squares(truth, start.values(name, truth.length));
                    assertThat(Math.sqrt(ownOff))
                            .as("update of " + name)
                            .isLessThanOrEqualTo(
                                    tolerance.path("update_rel_l2_worst_tensor").asDouble()
                                            * Math.sqrt(ownMoved));
                    off += ownOff;
                    moved += ownMoved;
                }
            }
        }
        assertThat(compared).isPositive();
        assertThat(moved).isPositive();
        assertThat(Math.sqrt(off / moved))
                .isLessThanOrEqualTo(tolerance.path("update_rel_l2").asDouble());
    }

    private static double squares(double[] one, double[] other) {
        double sum = 0;
        for (int i = 0; i < one.length; i++) {
            sum += (one[i] - other[i]) * (one[i] - other[i]);
        }
        return sum;
    }

    private static double worst(double[] truth, double[] values) {
        double worst = 0;
        for (int i = 0; i < truth.length; i++) {
            worst = Math.max(worst, Math.abs(truth[i] - values[i]));
        }
        return worst;
    }

    static String job(JsonNode description, Path rows) {
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
        %sclones: {init: %s, tie: %s, learning_rate: %s%s}
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
                        gates(description.path("gates")),
                        trainable(description),
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

    private static String trainable(JsonNode description) {
        return description.has("lora") ? "all" : description.path("trainable").asText();
    }

    private static String gates(JsonNode gates) {
        return gates.isMissingNode()
                ? ""
                : ", gates: {kind: %s, init: %s, learning_rate: %s, clamp: %s, sites: %s}"
                        .formatted(
                                gates.path("kind").asText(),
                                gates.path("init"),
                                gates.path("learning_rate_multiplier"),
                                gates.path("clamp"),
                                gates.path("sites"));
    }

    /** As the expected results say: ids of a row, and labels whose first is never scored. */
    static void writeRows(Path data, Path rows) throws IOException {
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
