package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.pytorch.jni.JniUtils;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.accrete.protocol.fixture.TinyModels;
import io.accrete.protocol.model.LlamaConfig;
import io.accrete.protocol.model.ModelFolder;
import io.accrete.protocol.tensor.DType;
import io.accrete.protocol.tensor.Shape;
import io.accrete.worker.nn.FolderWeights;
import io.accrete.worker.nn.GradientSums;
import io.accrete.worker.nn.LayerSlice;
import io.accrete.worker.nn.Parameter;
import io.accrete.worker.nn.SliceParameters;
import io.accrete.worker.tensor.ComputeDevice;
import io.accrete.worker.tensor.LayerForm;
import io.accrete.worker.tensor.LlamaArithmetic;
import io.accrete.worker.tensor.TensorScope;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;

/** What a plan says of a stage's memory beside what the engine counts in a step of it. */
class StageMemoryTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int ROWS = 4;
    private static final int POSITIONS = 255;

    /** What the allocator needs beside the tensors is no tensor. */
    private static final double SPARE = 1 + 1.0 / 8;

    /** How much more than what is counted may be planned. */
    private static final double MOST = 1.15;

    @TempDir private Path folder;

    @ParameterizedTest
    @CsvSource({
        "keep, 512, F32",
        "recompute, 512, F32",
        "keep, 8000, F32",
        "recompute, 8000, F32",
        "keep, 512, BF16",
        "recompute, 512, BF16",
    })
    void aStepTakesWhatIsPlanned(String activations, int vocabulary, DType dtype)
            throws IOException {
        TinyModels.llama().hidden(64).vocab(vocabulary).dtype(dtype).write(folder.resolve("a"));
        boolean frozen = dtype != DType.F32;
        JsonNode planned = planned(activations, frozen);
        double comingAndGoing =
                planned.path("gradients").asDouble()
                        + planned.path("activations").asDouble()
                        + planned.path("working").asDouble();
        long counted = counted(activations.equals("keep"), vocabulary, frozen);
        assertThat(comingAndGoing / SPARE / counted).isBetween(1.0, MOST);
    }

    private JsonNode planned(String activations, boolean frozen) throws IOException {
        Files.writeString(
                folder.resolve("job.yml"),
                """
                model: a
                data: {train: [a.txt], sequence_length: %d}
                batch: {micro_batch: %d, accumulate: 1}
                trainable: %s
                pipeline: {stages: 1, activations: %s}
                """
                        .formatted(POSITIONS + 1, ROWS, frozen ? "norms" : "all", activations));
        CommandLineRun run = CommandLineRun.in(folder, "plan", "job.yml", "--json");
        assertThat(run.exitCode()).as(run.transcript()).isZero();
        return run.result().path("pipeline").path("stages").path(0).path("memory");
    }

    /** The most bytes of tensors at a time, beyond those that were there before. */
    private long counted(boolean keep, int vocabulary, boolean frozen) throws IOException {
        LlamaArithmetic arithmetic = LlamaArithmetic.onThisThread(1);
        try (TensorScope scope = TensorScope.open(new ComputeDevice.Cpu())) {
            LlamaConfig config = LlamaConfig.of(ModelFolder.open(folder.resolve("a")));
            LayerSlice slice =
                    new LayerSlice(
                            config,
                            parameters(config, frozen, arithmetic, scope),
                            arithmetic,
                            keep,
                            DType.F32,
                            scope);
            GradientSums sums = new GradientSums(arithmetic, scope);
            Random random = new Random(1);
            Path trace = folder.resolve("trace.json");
            JniUtils.startProfile(false, false, true);
            long[] ids = random.longs((long) ROWS * POSITIONS, 0, vocabulary).toArray();
            Shape shape = Shape.of(ROWS, POSITIONS);
            slice.forward(0, scope.longs(ids, shape), true);
            slice.backward(
                    0,
                    new LayerSlice.Targets(scope.longs(ids, shape), ids.length, Optional.empty()),
                    sums,
                    scope);
            JniUtils.stopProfile(trace.toString());
            return EngineTrace.most(JSON.readTree(trace.toFile()));
        }
    }

    private SliceParameters parameters(
            LlamaConfig config, boolean frozen, LlamaArithmetic arithmetic, TensorScope scope)
            throws IOException {
        FolderWeights weights =
                new FolderWeights(ModelFolder.open(folder.resolve("a")), arithmetic, scope);
        List<SliceParameters.Site> sites =
                IntStream.range(0, config.layers())
                        .mapToObj(
                                site ->
                                        new SliceParameters.Site(
                                                site,
                                                LayerForm.of(config),
                                                config.layerTensors(site).stream()
                                                        .map(n -> parameter(n, frozen, weights))
                                                        .toList(),
                                                site > 0 || !frozen))
                        .toList();
        return new SliceParameters(
                Optional.of(parameter(LlamaConfig.EMBEDDING, frozen, weights)),
                sites,
                Optional.of(
                        new SliceParameters.Head(
                                parameter(LlamaConfig.FINAL_NORM, frozen, weights),
                                parameter(LlamaConfig.HEAD, frozen, weights))),
                false);
    }

    private static Parameter parameter(String name, boolean frozen, FolderWeights weights) {
        return new Parameter(name, weights.tensor(name), !frozen || name.endsWith("norm.weight"));
    }

    /**
     * A call that the engine recorded, and those within it.
     *
     * @param bytes that it took, less what it freed
     */
    private record EngineTrace(double start, double end, double bytes, List<EngineTrace> within) {
        private static final List<String> UNITS = List.of("b", "Kb", "Mb", "Gb");

        static long most(JsonNode calls) {
            List<EngineTrace> all = new ArrayList<>();
            for (JsonNode call : calls) {
                double start = call.path("ts").asDouble();
                String memory = call.path("cpu mem").asText();
                int unit = memory.indexOf(' ');
                all.add(
                        new EngineTrace(
                                start,
                                start + call.path("dur").asDouble(),
                                Double.parseDouble(memory.substring(0, unit))
                                        * Math.pow(1024, UNITS.indexOf(memory.substring(unit + 1))),
                                new ArrayList<>()));
            }
            all.sort(
                    Comparator.comparingDouble(EngineTrace::start)
                            .thenComparing(
                                    Comparator.comparingDouble(EngineTrace::end).reversed()));
            EngineTrace root = new EngineTrace(0, Double.MAX_VALUE, 0, new ArrayList<>());
            Deque<EngineTrace> open = new ArrayDeque<>(List.of(root));
            for (EngineTrace call : all) {
                while (open.getFirst().end < call.end) {
                    open.removeFirst();
                }
                open.getFirst().within.add(call);
                open.addFirst(call);
            }
            double[] live = {0, 0};
            root.within.forEach(call -> call.count(live));
            return Math.round(live[1]);
        }

        /** What it takes itself comes first, what it frees itself comes last. */
        private void count(double[] live) {
            double own = bytes - within.stream().mapToDouble(EngineTrace::bytes).sum();
            live[0] += Math.max(0, own);
            live[1] = Math.max(live[1], live[0]);
            within.forEach(call -> call.count(live));
            live[0] += Math.min(0, own);
        }
    }
}
