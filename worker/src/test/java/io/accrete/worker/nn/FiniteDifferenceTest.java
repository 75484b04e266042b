package io.accrete.worker.nn;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.protocol.model.Activation;
import io.accrete.protocol.model.LlamaConfig;
import io.accrete.protocol.model.Projection;
import io.accrete.protocol.model.Rope;
import io.accrete.protocol.tensor.DType;
import io.accrete.protocol.tensor.Shape;
import io.accrete.protocol.train.AddedParameters;
import io.accrete.protocol.train.LoraSettings;
import io.accrete.worker.tensor.ComputeDevice;
import io.accrete.worker.tensor.LayerForm;
import io.accrete.worker.tensor.LlamaArithmetic;
import io.accrete.worker.tensor.LlamaArithmetic.Teaching;
import io.accrete.worker.tensor.Tensor;
import io.accrete.worker.tensor.TensorScope;

import org.assertj.core.data.Percentage;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Every gradient against the difference quotient of the loss, in double precision. */
class FiniteDifferenceTest {
    private static final double STEP = 1e-5;
    private static final double TEMPERATURE = 1.7;
    private static final Shape ROWS = Shape.of(2, 5);
    private static final long[] IDS = {1, 4, 2, 9, 3, 7, 7, 0, 5, 6};
    private static final long[] TARGETS = {4, 2, 9, 3, -100, 7, 0, -100, 6, 10};

    private static final Shape TAUGHT = Shape.of(2, 5, 6);
    private static final Shape TEACHER_HEAD = Shape.of(11, 6);
    private static final Shape STATES = Shape.of(2, 5, 8);

    private final Random random = new Random(11);
    private final double[] teacherStates = random.doubles(60, -2, 2).toArray();
    private final double[] teacherHead = random.doubles(66, -1, 1).toArray();
    private final List<double[]> teacherLayers =
            List.of(random.doubles(80, -2, 2).toArray(), random.doubles(80, -2, 2).toArray());
    private final LlamaArithmetic arithmetic = LlamaArithmetic.onThisThread(1);

    /**
     * A model, what is added to it, and how much of the loss is a teacher's.
     *
     * @param pulled weight of the states that are matched, if they are
     * @param keep whether activations are kept
     */
    private record Subject(
            LlamaConfig config, AddedParameters added, double taught, double pulled, boolean keep) {
        Subject(LlamaConfig config, AddedParameters added, double taught) {
            this(config, added, taught, 0, false);
        }
    }

    @ParameterizedTest
    @EnumSource(Activation.class)
    void gradientsAreTheSlopesOfTheLoss(Activation activation) {
        check(new Subject(config(activation), AddedParameters.none(), 0));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void soAreThoseOfGatesAndLowRankMatrices(boolean perChannel) {
        LoraSettings lora = new LoraSettings(3, 6, List.of(Projection.values()), Optional.empty());
        check(
                new Subject(
                        config(Activation.SILU),
                        new AddedParameters(
                                new TreeMap<>(Map.of(1, 0.5)), perChannel, Optional.of(lora)),
                        0));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.3, 1})
    void soAreThoseOfALossThatATeacherHasAPartIn(double taught) {
        check(new Subject(config(Activation.SILU), AddedParameters.none(), taught));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void soAreThoseOfStatesThatAreMatched(boolean keep) {
        check(new Subject(config(Activation.SILU), AddedParameters.none(), 0.3, 0.8, keep));
    }

    private void check(Subject subject) {
        Map<String, double[]> weights = new TreeMap<>();
        Map<String, Shape> shapes = shapes(subject);
        shapes.forEach((name, shape) -> weights.put(name, numbers(shape, name)));
        Map<String, double[]> gradients = new TreeMap<>();
        loss(subject, shapes, weights, gradients);
        assertThat(gradients).containsOnlyKeys(shapes.keySet());
        for (Map.Entry<String, double[]> weight : weights.entrySet()) {
            double[] direction = random.doubles(weight.getValue().length, -1, 1).toArray();
            double slope = 0;
            double[] gradient = gradients.getOrDefault(weight.getKey(), new double[0]);
            for (int i = 0; i < direction.length; i++) {
                slope += gradient[i] * direction[i];
            }
            double ahead = moved(subject, shapes, weights, weight.getKey(), direction, STEP);
            double behind = moved(subject, shapes, weights, weight.getKey(), direction, -STEP);
            assertThat((ahead - behind) / (2 * STEP))
                    .as(weight.getKey())
                    .isCloseTo(slope, Percentage.withPercentage(1e-3));
        }
    }

    private double moved(
            Subject subject,
            Map<String, Shape> shapes,
            Map<String, double[]> weights,
            String name,
            double[] direction,
            double step) {
        Map<String, double[]> other = new TreeMap<>(weights);
        double[] values = weights.getOrDefault(name, new double[0]).clone();
        Arrays.setAll(values, i -> values[i] + step * direction[i]);
        other.put(name, values);
        return loss(subject, shapes, other, new TreeMap<>());
    }

    private double loss(
            Subject subject,
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
                            subject.config(),
                            slice(subject, parameters),
                            arithmetic,
                            subject.keep(),
                            DType.F64,
                            scope);
            GradientSums sums = new GradientSums(arithmetic, scope);
            slice.forward(0, scope.longs(IDS, ROWS), false);
            Tensor targets = scope.longs(TARGETS, ROWS);
            double pulled = subject.pulled();
            double gaps = 0;
            for (int site = 0; site < 2 && pulled > 0; site++) {
                Tensor towards = scope.doubles(teacherLayers.get(site), STATES);
                gaps += slice.pull(0, site, towards, targets, pulled / 8);
            }
            Teaching teaching =
                    new Teaching(
                            scope.doubles(teacherStates, TAUGHT),
                            scope.doubles(teacherHead, TEACHER_HEAD),
                            subject.taught(),
                            TEMPERATURE);
            LayerSlice.Targets all =
                    new LayerSlice.Targets(
                            targets, 8, Optional.of(teaching).filter(t -> t.weight() > 0));
            LayerSlice.Loss loss = slice.backward(0, all, sums, scope).loss().orElseThrow();
            sums.byUse().forEach((use, sum) -> gradients.put(use.parameter(), sum.doubles()));
            double own = (1 - subject.taught()) * loss.nll();
            double kl = subject.taught() * TEMPERATURE * TEMPERATURE * loss.kl();
            return (own + kl + pulled * gaps) / 8;
        }
    }

    private static SliceParameters slice(Subject subject, Map<String, Parameter> parameters) {
        LlamaConfig config = subject.config();
        AddedParameters added = subject.added();
        return new SliceParameters(
                Optional.ofNullable(parameters.get(LlamaConfig.EMBEDDING)),
                IntStream.range(0, config.layers())
                        .mapToObj(
                                site ->
                                        new SliceParameters.Site(
                                                site,
                                                LayerForm.of(config)
                                                        .with(
                                                                added.gates().containsKey(site),
                                                                added.targets(),
                                                                2),
                                                Stream.concat(
                                                                config.layerTensors(site).stream(),
                                                                added.names(site).stream())
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

    private static Map<String, Shape> shapes(Subject subject) {
        LlamaConfig config = subject.config();
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
        shapes.putAll(subject.added().shapes(config.layers(), (_, target) -> config.shape(target)));
        return shapes;
    }
}
