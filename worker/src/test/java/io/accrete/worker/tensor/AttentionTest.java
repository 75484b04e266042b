package io.accrete.worker.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.protocol.model.Activation;
import io.accrete.protocol.model.Rope;
import io.accrete.protocol.tensor.Shape;
import io.accrete.worker.tensor.LlamaArithmetic.Gradients;
import io.accrete.worker.tensor.LlamaArithmetic.Layer;
import io.accrete.worker.tensor.LlamaArithmetic.LayerInputs;

import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** A GPU's way of attention against a processor's, on a processor, in double precision. */
class AttentionTest {
    private static final int ROWS = 2;
    private static final int POSITIONS = 5;
    private static final int HIDDEN = 6;
    private static final int INNER = 7;
    private static final LayerInputs ALL =
            new LayerInputs(IntStream.range(0, LayerForm.WEIGHTS).boxed().toList(), true);

    private final Random random = new Random(5);
    private final LlamaArithmetic fused = LlamaArithmetic.onThisThread(1, true);
    private final LlamaArithmetic products = LlamaArithmetic.onThisThread(1, false);

    @ParameterizedTest
    @CsvSource({"4, 4, 8", "4, 2, 8", "6, 2, 16", "2, 1, 20"})
    void bothWaysAgree(int heads, int kvHeads, int headDim) {
        LayerForm form =
                new LayerForm(
                        heads,
                        kvHeads,
                        headDim,
                        Activation.SILU,
                        1e-5,
                        List.of(),
                        false,
                        List.of(),
                        0);
        try (TensorScope scope = TensorScope.open(new ComputeDevice.Cpu())) {
            Rope rope = new Rope(10_000, new Rope.Scaling.None());
            Layer layer =
                    new Layer(
                            weights(form, scope),
                            form,
                            fused.rope(rope, headDim, POSITIONS, scope));
            Shape states = Shape.of(ROWS, POSITIONS, HIDDEN);
            Tensor x = numbers(states, scope);
            Tensor gradient = numbers(states, scope);
            agree(fused.layer(x, layer, scope), products.layer(x, layer, scope));
            Gradients one = fused.layerVjp(x, layer, ALL, gradient, scope);
            Gradients other = products.layerVjp(x, layer, ALL, gradient, scope);
            agree(one.input().orElseThrow(), other.input().orElseThrow());
            for (int i = 0; i < one.weights().size(); i++) {
                agree(one.weights().get(i), other.weights().get(i));
            }
        }
    }

    private List<Tensor> weights(LayerForm form, TensorScope scope) {
        int queries = form.heads() * form.headDim();
        int keys = form.kvHeads() * form.headDim();
        List<Tensor> weights = new ArrayList<>();
        for (Shape shape :
                List.of(
                        Shape.of(HIDDEN),
                        Shape.of(queries, HIDDEN),
                        Shape.of(keys, HIDDEN),
                        Shape.of(keys, HIDDEN),
                        Shape.of(HIDDEN, queries),
                        Shape.of(HIDDEN),
                        Shape.of(INNER, HIDDEN),
                        Shape.of(INNER, HIDDEN),
                        Shape.of(HIDDEN, INNER))) {
            weights.add(numbers(shape, scope));
        }
        return weights;
    }

    private Tensor numbers(Shape shape, TensorScope scope) {
        return scope.doubles(random.doubles(shape.elements(), -1, 1).toArray(), shape);
    }

    private static void agree(Tensor one, Tensor other) {
        assertThat(other.shape()).isEqualTo(one.shape());
        assertThat(other.doubles()).containsExactly(one.doubles(), Offset.offset(1e-12));
        assertThat(Arrays.stream(other.doubles()).map(Math::abs).max().orElse(0))
                .isGreaterThan(1e-3);
    }
}
