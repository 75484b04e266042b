package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.accrete.oracle.Material;
import io.accrete.oracle.UntimedMetrics;
import io.accrete.oracle.Weights;
import io.accrete.protocol.model.LlamaConfig;
import io.accrete.protocol.model.ModelFolder;
import io.accrete.protocol.tensor.DType;
import io.accrete.protocol.tensor.Shape;
import io.accrete.worker.nn.FolderWeights;
import io.accrete.worker.nn.LayerStack;
import io.accrete.worker.nn.WeightSource;
import io.accrete.worker.tensor.ComputeDevice;
import io.accrete.worker.tensor.LlamaArithmetic;
import io.accrete.worker.tensor.TensorScope;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** States that are matched with a teacher's, through the command. */
class HiddenStatesTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int ROWS = 4;
    private static final int IDS = 17;
    private static final List<Integer> SITES = List.of(0, 1, 2, 1, 2, 3, 4);

    @TempDir private Path scratch;
    private Path base = Path.of("");
    private final List<long[]> rows = new ArrayList<>();

    @BeforeEach
    void writeRows() throws IOException {
        base = Material.data().resolve("models/stories260k-hf");
        Random random = new Random(4);
        StringBuilder text = new StringBuilder();
        for (int row = 0; row < 12; row++) {
            long[] ids = random.longs(IDS, 3, 500).toArray();
            ids[0] = 1;
            rows.add(ids);
            text.append(JSON.writeValueAsString(Map.of("input_ids", ids))).append('\n');
        }
        Files.writeString(scratch.resolve("rows.jsonl"), text);
    }

    @Test
    void theTermIsWhatDoublePrecisionSays() throws IOException {
        Path out =
                train(
                        "term",
                        "distill: {teacher: %s, weight: 0.4, hidden: [1, 5], hidden_weight: 0.7}\n"
                                .formatted(base),
                        "{stages: 2}");
        JsonNode first = JSON.readTree(Files.readAllLines(out.resolve("metrics.jsonl")).getFirst());
        Map<Integer, double[]> taught = states(4, List.of(0, 1, 2, 3, 4));
        Map<Integer, double[]> own = states(4, SITES);
        double expected = distance(of(own, 1), of(taught, 1)) + distance(of(own, 5), of(taught, 3));
        assertThat(expected).isGreaterThan(0.01);
        assertThat(mean(first, "micro_hidden")).isCloseTo(expected, within(1e-5 * expected));
        assertThat(first.path("loss").asDouble())
                .isCloseTo(
                        0.6 * mean(first, "micro_cross_entropy")
                                + 0.4 * 4 * mean(first, "micro_kl")
                                + 0.7 * expected,
                        within(1e-5));
    }

    @Test
    void bitsDoNotDependOnTheCut() throws IOException {
        // spread evenly over six stages, layers 3 and 4 were not where sites 5 and 6 are
        String remedy = "distill: {teacher: %s, weight: 1, hidden: [1, 2, 5, 6]}\n".formatted(base);
        Path one = train("one", remedy, "{stages: 1, activations: keep}");
        // the last stage keeps site 6 and computes site 5 again
        Path two = train("two", remedy, "{stages: 2, activations: recompute}");
        Path many = train("many", remedy, "{stages: 6, activations: recompute}");
        Path woven =
                train("woven", remedy, "{stages: 2, schedule: interleaved, slices_per_stage: 3}");
        for (Path other : List.of(two, many, woven)) {
            assertThat(UntimedMetrics.of(other)).isEqualTo(UntimedMetrics.of(one));
            assertThat(digests(other)).isEqualTo(digests(one));
        }
        Path without =
                train("without", remedy.replace(", hidden: [1, 2, 5, 6]", ""), "{stages: 1}");
        assertThat(digests(without)).isNotEqualTo(digests(one));
        assertThat(mean(last(one), "micro_hidden"))
                .isLessThan(mean(JSON.readTree(UntimedMetrics.of(one).getFirst()), "micro_hidden"));
    }

    @Test
    void aModelWithoutItsClonesHasTheStatesOfItsBase() throws IOException {
        String remedy =
                """
                clones: {init: identity}
                trainable: clones
                distill: {teacher: %s, hidden: [5, 6]}
                """;
        Path self = train("self", remedy.formatted("self"), "{stages: 3}");
        Path other = train("other", remedy.formatted(base), "{stages: 1}");
        assertThat(UntimedMetrics.of(self)).isEqualTo(UntimedMetrics.of(other));
        assertThat(digests(self)).isEqualTo(digests(other));
        JsonNode first = JSON.readTree(UntimedMetrics.of(self).getFirst());
        assertThat(mean(first, "micro_hidden")).as("clones add nothing yet").isZero();
        assertThat(mean(last(self), "micro_hidden")).isPositive();
    }

    private Path train(String name, String remedies, String pipeline) throws IOException {
        Path job = scratch.resolve(name + ".yml");
        Files.writeString(
                job,
                """
                model: %s
                sites: %s
                %s
                data: {train: rows.jsonl, sequence_length: 17, shuffle: false, pack: false}
                batch: {micro_batch: 2, accumulate: 2}
                optimizer: {learning_rate: 0.0003, warmup_steps: 0}
                steps: 6
                pipeline: %s
                """
                        .formatted(base, SITES, remedies, pipeline));
        Path out = scratch.resolve(name);
        CommandLineRun run =
                CommandLineRun.in(scratch, "train", job.toString(), out.toString(), "--json");
        assertThat(run.exitCode()).as(run.transcript()).isZero();
        return out;
    }

    /** After each layer, of the first rows but for their last ids; a position has 64 numbers. */
    private Map<Integer, double[]> states(int count, List<Integer> layers) throws IOException {
        LlamaArithmetic arithmetic = LlamaArithmetic.onThisThread(1);
        ModelFolder folder = ModelFolder.open(base);
        Map<Integer, double[]> states = new TreeMap<>();
        try (TensorScope scope = TensorScope.open(new ComputeDevice.Cpu())) {
            WeightSource weights = new FolderWeights(folder, arithmetic, scope);
            LlamaConfig config = LlamaConfig.of(folder).withLayers(layers.size());
            WeightSource chosen =
                    name -> {
                        String[] parts = name.split("\\.", 4);
                        return parts[1].equals("layers")
                                ? weights.tensor(
                                        LlamaConfig.layerTensor(
                                                layers.get(Integer.parseInt(parts[2])), parts[3]))
                                : weights.tensor(name);
                    };
            long[] ids = new long[count * (IDS - 1)];
            for (int row = 0; row < count; row++) {
                System.arraycopy(rows.get(row), 0, ids, row * (IDS - 1), IDS - 1);
            }
            new LayerStack(config, chosen, arithmetic, DType.F64, scope)
                    .states(
                            scope.longs(ids, Shape.of(count, IDS - 1)),
                            (layer, own) -> states.put(layer, own.doubles()),
                            scope);
        }
        return states;
    }

    private static double[] of(Map<Integer, double[]> states, int layer) {
        return states.getOrDefault(layer, new double[0]);
    }

    /** The mean over positions of |h - t|^2 / |t|^2. */
    private static double distance(double[] h, double[] t) {
        assertThat(h).hasSize(ROWS * (IDS - 1) * 64);
        double sum = 0;
        for (int position = 0; position < ROWS * (IDS - 1); position++) {
            double gap = 0;
            double own = 0;
            for (int i = 64 * position; i < 64 * (position + 1); i++) {
                gap += (h[i] - t[i]) * (h[i] - t[i]);
                own += t[i] * t[i];
            }
            sum += gap / own;
        }
        return sum / (ROWS * (IDS - 1));
    }

    private static double mean(JsonNode line, String list) {
        assertThat(line.path(list)).isNotEmpty();
        double sum = 0;
        for (JsonNode each : line.path(list)) {
            sum += each.asDouble();
        }
        return sum / line.path(list).size();
    }

    private static JsonNode last(Path folder) throws IOException {
        return JSON.readTree(UntimedMetrics.of(folder).getLast());
    }

    private static Map<String, String> digests(Path folder) throws IOException {
        return Weights.read(folder).digests();
    }
}
