package io.accrete.worker.nn;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.protocol.model.Activation;
import io.accrete.protocol.model.LlamaConfig;
import io.accrete.protocol.model.Projection;
import io.accrete.protocol.model.Rope;
import io.accrete.protocol.tensor.DType;
import io.accrete.protocol.tensor.Shape;
import io.accrete.worker.tensor.ComputeDevice;
import io.accrete.worker.tensor.LlamaArithmetic;
import io.accrete.worker.tensor.Tensor;
import io.accrete.worker.tensor.TensorScope;

import org.assertj.core.data.Percentage;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Every gradient against the difference quotient of the loss, in double precision. */
class FiniteDifferenceTest {
    private static final double STEP = 1e-5;
    private static final Shape ROWS = Shape.of(2, 5);
    private static final long[] IDS = {1, 4, 2, 9, 3, 7, 7, 0, 5, 6};
    private static final long[] TARGETS = {4, 2, 9, 3, -100, 7, 0, -100, 6, 10};

    private final Random random = new Random(11);
    private final LlamaArithmetic arithmetic = LlamaArithmetic.onThisThread(1);

    @ParameterizedTest
    @EnumSource(Activation.class)
    void gradientsAreTheSlopesOfTheLoss(Activation activation) {
        LlamaConfig config = config(activation);
        Map<String, double[]> weights = new TreeMap<>();
        Map<String, Shape> shapes = shapes(config);
        shapes.forEach((name, shape) -> weights.put(name, numbers(shape, name)));
        Map<String, double[]> gradients = new TreeMap<>();
        loss(config, shapes, weights, gradients);
        assertThat(gradients).containsOnlyKeys(shapes.keySet());
        for (Map.Entry<String, double[]> weight : weights.entrySet()) {
            double[] direction = random.doubles(weight.getValue().length, -1, 1).toArray();
            double slope = 0;
            double[] gradient = gradients.getOrDefault(weight.getKey(), new double[0]);
            for (int i = 0; i < direction.length; i++) {
                slope += gradient[i] * direction[i];
            }
            double ahead = moved(config, shapes, weights, weight.getKey(), direction, STEP);
            double behind = moved(config, shapes, weights, weight.getKey(), direction, -STEP);
            assertThat((ahead - behind) / (2 * STEP))
                    .as(weight.getKey())
                    .isCloseTo(slope, Percentage.withPercentage(1e-3));
        }
    }

    private double moved(
            LlamaConfig config,
            Map<String, Shape> shapes,
            Map<String, double[]> weights,
            String name,
            double[] direction,
            double step) {
        Map<String, double[]> other = new TreeMap<>(weights);
        double[] values = weights.getOrDefault(name, new double[0]).clone();
        Arrays.setAll(values, i -> values[i] + step * direction[i]);
        other.put(name, values);
        return loss(config, shapes, other, new TreeMap<>());
    }

    private double loss(
            LlamaConfig config,
            Map<String, Shape> shapes,
            Map<String, double[]> weights,
            Map<String, double[]> gradients) {
        try (TensorScope scope = TensorScope.open(new ComputeDevice.Cpu())) {
            Map<String, Parameter> parameters = new TreeMap<>();
            shapes.forEach(
                    (name, shape) ->
                            parameters.put(
                                    name,
                                    new Parameter(
                                            name,
                                            scope.doubles(
                                                    weights.getOrDefault(name, new double[0]),
                                                    shape),
                                            true)));
            LayerSlice slice =
                    new LayerSlice(
                            config, slice(config, parameters), arithmetic, false, DType.F64, scope);
            GradientSums sums = new GradientSums(arithmetic, scope);
            slice.forward(0, scope.longs(IDS, ROWS));
            Tensor targets = scope.longs(TARGETS, ROWS);
            double nll =
                    slice.backward(0, new LayerSlice.Targets(targets, 8), sums, scope)
                            .nllSum()
                            .orElseThrow();
            sums.byUse().forEach((use, sum) -> gradients.put(use.parameter(), sum.doubles()));
            return nll / 8;
        }
    }

    private static SliceParameters slice(LlamaConfig config, Map<String, Parameter> parameters) {
        return new SliceParameters(
                Optional.ofNullable(parameters.get(LlamaConfig.EMBEDDING)),
                IntStream.range(0, config.layers())
                        .mapToObj(
                                site ->
                                        new SliceParameters.Site(
                                                site,
                                                config.layerTensors(site).stream()
                                                        .map(parameters::get)
                                                        .toList(),
                                                true))
                        .toList(),
                Optional.of(
                        new SliceParameters.Head(
                                of(parameters, LlamaConfig.FINAL_NORM),
                                of(parameters, LlamaConfig.HEAD))),
                false);
    }

    private static Parameter of(Map<String, Parameter> parameters, String name) {
        return Optional.ofNullable(parameters.get(name)).orElseThrow();
    }

    private double[] numbers(Shape shape, String name) {
        double middle = name.contains("norm") ? 1 : 0;
        return random.doubles(shape.elements(), middle - 0.6, middle + 0.6).toArray();
    }

    /** Heads times head size is not the hidden size, and all projections have biases. */
    private static LlamaConfig config(Activation activation) {
        return new LlamaConfig(
                2,
                8,
                4,
                2,
                4,
                12,
                11,
                1e-5,
                activation,
                new Rope(10_000, new Rope.Scaling.Llama3(8, 1, 4, 16)),
                List.of(Projection.values()),
                false,
                32,
                OptionalInt.empty());
    }

    private static Map<String, Shape> shapes(LlamaConfig config) {
        Map<String, Shape> shapes = new TreeMap<>();
        shapes.put(LlamaConfig.EMBEDDING, Shape.of(11, 8));
        shapes.put(LlamaConfig.HEAD, Shape.of(11, 8));
        shapes.put(LlamaConfig.FINAL_NORM, Shape.of(8));
        for (int layer = 0; layer < config.layers(); layer++) {
            List<Shape> own =
                    List.of(
                            Shape.of(8),
                            Shape.of(16, 8),
                            Shape.of(8, 8),
                            Shape.of(8, 8),
                            Shape.of(8, 16),
                            Shape.of(8),
                            Shape.of(12, 8),
                            Shape.of(12, 8),
                            Shape.of(8, 12),
                            Shape.of(16),
                            Shape.of(8),
                            Shape.of(8),
                            Shape.of(8),
                            Shape.of(12),
                            Shape.of(12),
                            Shape.of(8));
            List<String> names = config.layerTensors(layer);
            for (int i = 0; i < names.size(); i++) {
                shapes.put(names.get(i), own.get(i));
            }
        }
        return shapes;
    }
}
