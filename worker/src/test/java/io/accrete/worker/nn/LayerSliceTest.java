package io.accrete.worker.nn;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.protocol.model.LlamaConfig;
import io.accrete.protocol.tensor.DType;
import io.accrete.protocol.tensor.Shape;
import io.accrete.worker.tensor.ComputeDevice;
import io.accrete.worker.tensor.LayerForm;
import io.accrete.worker.tensor.LlamaArithmetic;
import io.accrete.worker.tensor.Tensor;
import io.accrete.worker.tensor.TensorScope;

import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

class LayerSliceTest {

    static Stream<String> cases() throws IOException {
        List<String> names = new ArrayList<>();
        for (String name : GoldenModel.names().toList()) {
            if (GoldenModel.of(name).description().path("gradients").asBoolean()) {
                names.add(name);
            }
        }
        return names.stream();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void gradientsAreThoseOfTransformers(String name) throws IOException {
        GoldenModel golden = GoldenModel.of(name);
        Map<String, float[]> gradients = gradients(golden, true, List.of());
        assertThat(gradients).isNotEmpty();
        gradients.forEach((tensor, values) -> LayerStackTest.compare(golden, tensor, values));
        golden.description()
                .path("zero_gradients")
                .forEach(
                        dead -> assertThat(gradients.get("grad." + dead.asText())).containsOnly(0));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void bitsDependNeitherOnCutsNorOnRecomputation(String name) throws IOException {
        GoldenModel golden = GoldenModel.of(name);
        Map<String, float[]> whole = gradients(golden, true, List.of());
        int layers = golden.config().layers();
        for (List<Integer> cuts : List.of(List.<Integer>of(), List.of(1), List.of(1, layers - 1))) {
            Map<String, float[]> cut = gradients(golden, false, cuts);
            assertThat(cut).containsOnlyKeys(whole.keySet());
            cut.forEach((tensor, values) -> assertThat(values).isEqualTo(whole.get(tensor)));
        }
    }

    /** Of the whole model, run as slices that begin at layer 0 and at the cuts. */
    private static Map<String, float[]> gradients(
            GoldenModel golden, boolean keep, List<Integer> cuts) throws IOException {
        LlamaArithmetic arithmetic = LlamaArithmetic.onThisThread(1);
        try (TensorScope scope = TensorScope.open(new ComputeDevice.Cpu())) {
            LlamaConfig config = golden.config();
            Shape shape = golden.shape("input_ids");
            Tensor ids = scope.longs(golden.longs("input_ids"), shape);
            Tensor targets =
                    scope.longs(LayerStackTest.targets(golden.longs("labels"), shape), shape);
            int scored = golden.description().path("targets").asInt();
            GradientSums sums = new GradientSums(arithmetic, scope);
            List<LayerSlice> slices =
                    slices(
                            config,
                            golden.weights(arithmetic, scope),
                            arithmetic,
                            keep,
                            cuts,
                            scope);
            Tensor x = ids;
            for (LayerSlice slice : slices.subList(0, slices.size() - 1)) {
                x = slice.forward(0, arithmetic.alias(x, scope), false);
            }
            slices.getLast().forward(0, arithmetic.alias(x, scope), true);
            LayerSlice.Passed passed =
                    slices.getLast()
                            .backward(
                                    0,
                                    new LayerSlice.Targets(targets, scored, Optional.empty()),
                                    sums,
                                    scope);
            assertThat(passed.loss().orElseThrow().nll() / scored)
                    .isCloseTo(
                            golden.description().path("loss").asDouble(),
                            Offset.offset(golden.tolerance("loss")));
            for (LayerSlice slice : slices.reversed().subList(1, slices.size())) {
                passed = slice.backward(0, passed.input().orElseThrow(), sums, scope);
            }
            Map<String, Tensor> byName = new TreeMap<>();
            sums.byUse()
                    .forEach(
                            (use, sum) -> {
                                Tensor first = byName.putIfAbsent("grad." + use.parameter(), sum);
                                if (first != null) {
                                    arithmetic.addTo(List.of(first), List.of(sum));
                                }
                            });
            Map<String, float[]> values = new TreeMap<>();
            byName.forEach((tensor, sum) -> values.put(tensor, sum.floats()));
            return values;
        }
    }

    private static List<LayerSlice> slices(
            LlamaConfig config,
            WeightSource weights,
            LlamaArithmetic arithmetic,
            boolean keep,
            List<Integer> cuts,
            TensorScope scope) {
        List<Integer> starts = new ArrayList<>(List.of(0));
        starts.addAll(cuts);
        List<LayerSlice> slices = new ArrayList<>();
        for (int i = 0; i < starts.size(); i++) {
            int end = i + 1 < starts.size() ? starts.get(i + 1) : config.layers();
            List<SliceParameters.Site> sites =
                    IntStream.range(starts.get(i), end)
                            .mapToObj(
                                    site ->
                                            new SliceParameters.Site(
                                                    site,
                                                    LayerForm.of(config),
                                                    config.layerTensors(site).stream()
                                                            .map(n -> parameter(n, weights))
                                                            .toList(),
                                                    true))
                            .toList();
            String head = config.tied() ? LlamaConfig.EMBEDDING : LlamaConfig.HEAD;
            SliceParameters parameters =
                    new SliceParameters(
                            i == 0
                                    ? Optional.of(parameter(LlamaConfig.EMBEDDING, weights))
                                    : Optional.empty(),
                            sites,
                            end == config.layers()
                                    ? Optional.of(
                                            new SliceParameters.Head(
                                                    parameter(LlamaConfig.FINAL_NORM, weights),
                                                    parameter(head, weights)))
                                    : Optional.empty(),
                            i > 0);
            slices.add(new LayerSlice(config, parameters, arithmetic, keep, DType.F32, scope));
        }
        return slices;
    }

    private static Parameter parameter(String name, WeightSource weights) {
        return new Parameter(name, weights.tensor(name), true);
    }
}
