package io.accrete.worker.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.accrete.protocol.merge.CopiedBytes;
import io.accrete.protocol.merge.SourceTensor;
import io.accrete.protocol.merge.TensorOp;
import io.accrete.protocol.merge.TensorOp.Weighted;
import io.accrete.protocol.tensor.DType;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Results of mergekit 0.1.5 on small trained models, by plans made by hand. */
class MergeGoldenTest {
    private static final Optional<DType> AS_IT_IS = Optional.empty();
    private static final double ULPS_F32 = 1e-5;

    @TempDir Path folder;

    private final HandMadePlan plan = new HandMadePlan();
    private Path goldens;
    private Path data;

    @BeforeEach
    void findGoldens() {
        String goldensName = System.getenv("ACCRETE_GOLDENS");
        String dataName = System.getenv("ACCRETE_DATA");
        assumeTrue(
                goldensName != null && dataName != null,
                "ACCRETE_GOLDENS and ACCRETE_DATA name no folders: results of mergekit not"
                        + " compared");
        goldens = Path.of(goldensName);
        data = Path.of(dataName);
    }

    @ParameterizedTest
    @CsvSource({
        "scale-identity, hf, 0.0, , F32",
        "scale-half, hf, 0.5, , F32",
        "scale-third, hf, 0.333, , F32",
        "scale-bf16, hf, 0.7, BF16, BF16",
        "scale-fp16-source, fp16, 0.3, , F16"
    })
    void scaledClonesHaveMergekitsBytes(
            String name, String model, double scale, DType input, DType output) throws Exception {
        int source = plan.source(model(model));
        int[] layers = {0, 1, 1, 2, 3, 2, 3, 4};
        boolean[] clone = {false, false, true, false, false, true, true, false};
        for (String tensor : plan.names(source)) {
            if (!tensor.startsWith("model.layers.")) {
                convert(tensor, plan.tensor(source, tensor), input, output, Optional.empty());
            }
        }
        for (int site = 0; site < layers.length; site++) {
            String prefix = "model.layers.%d.".formatted(layers[site]);
            for (String tensor : plan.names(source)) {
                if (tensor.startsWith(prefix)) {
                    String rest = tensor.substring(prefix.length());
                    boolean scaled = rest.contains("o_proj") || rest.contains("down_proj");
                    convert(
                            "model.layers.%d.%s".formatted(site, rest),
                            plan.tensor(source, tensor),
                            input,
                            output,
                            clone[site] ? Optional.of(scaled ? scale : 1.0) : Optional.empty());
                }
            }
        }
        assertThat(digests()).isEqualTo(expected(name));
    }

    @ParameterizedTest
    @CsvSource({
        "dtype-bfloat16, hf, BF16, BF16, BF16",
        "dtype-float16, hf, F16, F16, F16",
        "dtype-torch-prefix, fp16, BF16, BF16, BF16",
        "dtype-float16-out-float32, hf, F16, F16, F32"
    })
    void castsHaveMergekitsBytes(String name, String model, DType input, DType result, DType output)
            throws Exception {
        int source = plan.source(model(model));
        for (String tensor : plan.names(source)) {
            SourceTensor x = plan.tensor(source, tensor);
            plan.output(
                    tensor,
                    x,
                    output,
                    new TensorOp.Convert(x, Optional.of(input), result, Optional.empty()));
        }
        assertThat(digests()).isEqualTo(expected(name));
    }

    @Test
    void aCastToFloat64HasMergekitsBytes() throws Exception {
        int source = plan.source(model("hf"));
        for (String tensor : plan.names(source)) {
            if (!tensor.startsWith("model.layers.") || tensor.startsWith("model.layers.0.")) {
                SourceTensor x = plan.tensor(source, tensor);
                plan.output(
                        tensor,
                        x,
                        DType.F64,
                        new TensorOp.Convert(x, AS_IT_IS, DType.F32, Optional.empty()));
            }
        }
        assertThat(digests()).isEqualTo(expected("out-dtype-float64"));
    }

    @Test
    void aSumOfTwoHasMergekitsBytes() throws Exception {
        linear(5, 0, AS_IT_IS, DType.F32, true, Map.of("hf", 0.3, "ft-a", 0.9));
        assertThat(digests()).isEqualTo(expected("linear"));
    }

    @Test
    void aSumOfOneIsMultipliedAndDivided() throws Exception {
        linear(5, 0, AS_IT_IS, DType.F32, true, Map.of("ft-a", 0.3));
        assertThat(digests()).isEqualTo(expected("linear-one-model"));
    }

    @Test
    void aSumWithoutNormalisationHasMergekitsBytes() throws Exception {
        linear(2, 1, Optional.of(DType.F32), DType.F32, false, Map.of("hf", 0.3, "ft-a", 0.9));
        assertThat(digests()).isEqualTo(expected("linear-normalize-false"));
    }

    @Test
    void aSumOfThreeWithANegativeWeightHasMergekitsBytes() throws Exception {
        Map<String, Double> weights = Map.of("hf", 1.0, "ft-a", 0.5, "third-fp16", -0.25);
        linear(2, 1, Optional.of(DType.F32), DType.F32, true, weights);
        assertThat(digests()).isEqualTo(expected("linear-three"));
    }

    @ParameterizedTest
    @CsvSource({"linear-bfloat16, BF16", "linear-float16, F16"})
    void narrowSumsAreRoundedOnce(String name, DType dtype) throws Exception {
        Map<String, Double> weights = Map.of("hf", 0.3, "ft-a", 0.7);
        linear(2, 1, Optional.of(dtype), dtype, true, weights);
        assertThat(digests()).isEqualTo(expected(name));
    }

    @Test
    void aSumOfDifferentTypesIsWide() throws Exception {
        linear(2, 0, AS_IT_IS, DType.F32, true, Map.of("fp16", 0.5, "ft-a-bf16", 0.5));
        assertThat(digests()).isEqualTo(expected("linear-mixed-dtypes"));
    }

    @ParameterizedTest
    @CsvSource({"slerp, F32, 0.35", "slerp-bfloat16, BF16, 0.4"})
    void slerpAgreesWithMergekit(String name, DType dtype, double t) throws Exception {
        int base = plan.source(model("hf"));
        int other = plan.source(model("ft-a"));
        for (String tensor : plan.names(base)) {
            site(tensor, 2, 1)
                    .ifPresent(
                            output -> {
                                SourceTensor x = plan.tensor(base, tensor);
                                SourceTensor y = plan.tensor(other, tensor);
                                plan.output(
                                        output,
                                        x,
                                        dtype,
                                        new TensorOp.Slerp(x, y, t, Optional.of(dtype), dtype));
                            });
        }
        Path shard = execute();
        Path expected = goldens.resolve("merge").resolve(name).resolve("expected.safetensors");
        for (String tensor : expected(name).keySet()) {
            double[] actual = Digests.numbers(shard, tensor);
            double[] wanted = Digests.numbers(expected, tensor);
            double largest = 0;
            for (double value : wanted) {
                largest = Math.max(largest, Math.abs(value));
            }
            // One unit in the last place of a bfloat16 is 2^-8 of the value itself at most.
            for (int i = 0; i < wanted.length; i++) {
                double allowed =
                        dtype == DType.F32 ? ULPS_F32 * largest : Math.abs(wanted[i]) / 128;
                assertThat(Math.abs(actual[i] - wanted[i]))
                        .as("%s[%d]", tensor, i)
                        .isLessThanOrEqualTo(allowed);
            }
        }
        assertThat(Digests.of(shard)).hasSameSizeAs(expected(name));
    }

    private void linear(
            int layers,
            int from,
            Optional<DType> input,
            DType output,
            boolean normalize,
            Map<String, Double> weights)
            throws IOException {
        List<String> order = List.of("hf", "ft-a", "ft-a-bf16", "fp16", "third-fp16");
        List<String> models = order.stream().filter(weights::containsKey).toList();
        for (String model : models) {
            plan.source(model(model));
        }
        for (String tensor : plan.names(0)) {
            Optional<String> name = site(tensor, layers, from);
            if (name.isPresent()) {
                List<Weighted> inputs =
                        models.stream()
                                .map(
                                        model ->
                                                new Weighted(
                                                        plan.tensor(models.indexOf(model), tensor),
                                                        weights.getOrDefault(model, 0.0)))
                                .toList();
                plan.output(
                        name.get(),
                        plan.tensor(0, tensor),
                        output,
                        new TensorOp.Linear(inputs, normalize, input, output));
            }
        }
    }

    /** The name in a model of layers [from, from + layers) of the source. */
    private static Optional<String> site(String tensor, int layers, int from) {
        if (!tensor.startsWith("model.layers.")) {
            return Optional.of(tensor);
        }
        String[] parts = tensor.split("\\.", 4);
        int site = Integer.parseInt(parts[2]) - from;
        return site >= 0 && site < layers
                ? Optional.of("model.layers.%d.%s".formatted(site, parts[3]))
                : Optional.empty();
    }

    private void convert(
            String name, SourceTensor x, DType input, DType output, Optional<Double> scale) {
        if (scale.isEmpty() && x.dtype() == output) {
            plan.copy(name, x);
        } else {
            plan.output(
                    name,
                    x,
                    output,
                    new TensorOp.Convert(x, Optional.ofNullable(input), output, scale));
        }
    }

    private Path model(String name) {
        return switch (name) {
            case "hf", "ft-a" ->
                    data.resolve(
                            "models/stories260k-%s/model.safetensors"
                                    .formatted(name.equals("hf") ? "hf" : "ft-a-hf"));
            default -> goldens.resolve("models/stories260k-%s/model.safetensors".formatted(name));
        };
    }

    private Path execute() throws Exception {
        var task = plan.task(folder, CopiedBytes.MOVED);
        new ShardExecutor(2).execute(task, new RecordingControl());
        return Path.of(task.target());
    }

    private Map<String, String> digests() throws Exception {
        return Digests.of(execute());
    }

    private Map<String, String> expected(String name) throws IOException {
        Map<String, String> digests = new TreeMap<>();
        Path list = goldens.resolve("merge").resolve(name).resolve("tensors.tsv");
        Files.readAllLines(list).stream()
                .skip(1)
                .map(line -> line.split("\t"))
                .forEach(row -> digests.put(row[0], row[3]));
        return digests;
    }
}
