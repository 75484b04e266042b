package io.accrete.worker.nn;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.protocol.model.LlamaConfig;
import io.accrete.protocol.tensor.DType;
import io.accrete.protocol.tensor.Shape;
import io.accrete.worker.tensor.ComputeDevice;
import io.accrete.worker.tensor.LlamaArithmetic;
import io.accrete.worker.tensor.RopeTables;
import io.accrete.worker.tensor.Tensor;
import io.accrete.worker.tensor.TensorScope;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.util.Arrays;
import java.util.TreeMap;
import java.util.stream.Stream;

class LayerStackTest {

    static Stream<String> cases() throws IOException {
        return GoldenModel.names();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void statesLogitsAndLossAreThoseOfTransformers(String name) throws IOException {
        GoldenModel golden = GoldenModel.of(name);
        LlamaArithmetic arithmetic = LlamaArithmetic.onThisThread(1);
        try (TensorScope scope = TensorScope.open(new ComputeDevice.Cpu())) {
            LlamaConfig config = golden.config();
            LayerStack stack =
                    new LayerStack(
                            config,
                            golden.weights(arithmetic, scope),
                            arithmetic,
                            DType.F32,
                            scope);
            Shape shape = golden.shape("input_ids");
            Tensor ids = scope.longs(golden.longs("input_ids"), shape);
            TreeMap<Integer, float[]> states = new TreeMap<>();
            Tensor last = stack.states(ids, (site, x) -> states.put(site, x.floats()), scope);
            states.forEach(
                    (site, values) ->
                            compare(golden, site < 0 ? "hidden.embed" : "hidden." + site, values));
            compare(golden, "hidden.final_norm", stack.normed(last, scope).floats());
            compare(golden, "logits", stack.logits(last, scope).floats());
            if (golden.description().path("targets").asInt() > 0) {
                long[] targets = targets(golden.longs("labels"), shape);
                Tensor nll = stack.score(last, scope.longs(targets, shape), scope);
                compare(golden, "token_nll", nll.floats());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void rotaryTablesAreThoseOfTransformers(String name) throws IOException {
        GoldenModel golden = GoldenModel.of(name);
        LlamaArithmetic arithmetic = LlamaArithmetic.onThisThread(1);
        LlamaConfig config = golden.config();
        try (TensorScope scope = TensorScope.open(new ComputeDevice.Cpu())) {
            int positions = golden.shape("rope.cos").extents().getFirst().intValue();
            RopeTables tables = arithmetic.rope(config.rope(), config.headDim(), positions, scope);
            assertThat(tables.inverseFrequencies().floats())
                    .isEqualTo(golden.floats("rope.inv_freq"));
            assertThat(tables.cos().floats()).isEqualTo(golden.floats("rope.cos"));
            assertThat(tables.sin().floats()).isEqualTo(golden.floats("rope.sin"));
        }
    }

    /** The target of a position is the label of the next one. */
    static long[] targets(long[] labels, Shape shape) {
        int positions = shape.extents().get(1).intValue();
        long[] targets = new long[labels.length];
        Arrays.setAll(
                targets,
                i -> i % positions == positions - 1 ? LlamaArithmetic.NOT_SCORED : labels[i + 1]);
        return targets;
    }

    static void compare(GoldenModel golden, String tensor, float[] values) {
        float[] expected = golden.floats(tensor);
        String kind = tensor.replaceFirst("\\..*", "");
        assertThat(values).as(tensor).hasSameSizeAs(expected);
        double largest = 0;
        double worst = 0;
        for (int i = 0; i < values.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i]));
            worst = Math.max(worst, Math.abs((double) values[i] - expected[i]));
        }
        assertThat(worst).as(tensor).isLessThanOrEqualTo(golden.tolerance(kind) * largest);
    }
}
