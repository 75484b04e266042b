package io.accrete.worker.train;

import io.accrete.protocol.model.LlamaConfig;
import io.accrete.protocol.model.PeftAdapter;
import io.accrete.protocol.tensor.Shape;
import io.accrete.protocol.train.AddedParameters;
import io.accrete.worker.nn.WeightSource;
import io.accrete.worker.tensor.LlamaArithmetic;
import io.accrete.worker.tensor.Tensor;
import io.accrete.worker.tensor.TensorFile;
import io.accrete.worker.tensor.TensorScope;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * The model's weights, and the first values of what is added to it: gates as the job says, A and B
 * from an adapter, or A at random and B zero, so that they change nothing at first. What is drawn
 * depends on seed and name alone.
 */
final class AddedWeights implements WeightSource {
    private final WeightSource own;
    private final AddedParameters added;
    private final Map<String, Shape> shapes;
    private final Optional<PeftAdapter> adapter;
    private final long seed;
    private final LlamaArithmetic arithmetic;
    private final TensorScope scope;
    private final Map<String, Tensor> made = new TreeMap<>();

    AddedWeights(
            WeightSource own, StageSetup setup, LlamaArithmetic arithmetic, TensorScope scope) {
        this.own = own;
        this.added = setup.map().added();
        this.shapes = setup.addedShapes();
        this.adapter = setup.adapter();
        this.seed = setup.seed();
        this.arithmetic = arithmetic;
        this.scope = scope;
    }

    @Override
    public Tensor tensor(String name) {
        return AddedParameters.isAdded(name)
                ? made.computeIfAbsent(name, this::first)
                : own.tensor(name);
    }

    private Tensor first(String name) {
        Shape shape = shapes.get(name);
        if (shape == null) {
            throw new IllegalArgumentException("nothing is added as `" + name + "`");
        }
        float[] values = new float[Math.toIntExact(shape.elements())];
        if (AddedParameters.isGate(name)) {
            Arrays.fill(values, (float) gate(name));
        } else if (adapter.isPresent()) {
            return mapped(adapter.get(), name);
        } else if (AddedParameters.isLoraA(name)) {
            draw(name, values, shape.extents().getLast());
        }
        return scope.floats(values, shape);
    }

    private double gate(String name) {
        Double value = added.gates().get(LlamaConfig.layerOf(name));
        if (value == null) {
            throw new IllegalArgumentException("no site has the gate `" + name + "`");
        }
        return value;
    }

    private Tensor mapped(PeftAdapter from, String name) {
        PeftAdapter.Place place = from.place(name);
        return new TensorFile(arithmetic, scope, from.weights(), place.fileBytes())
                .tensor(place.spec().dtype(), place.offset(), place.spec().shape());
    }

    /** Uniform within the root of 1 / inputs, as PEFT does (Kaiming with a = root of 5). */
    private void draw(String name, float[] values, long inputs) {
        CRC32C hash = new CRC32C();
        hash.update(name.getBytes(StandardCharsets.UTF_8));
        SplittableRandom random = new SplittableRandom(seed ^ (hash.getValue() << 32));
        double bound = 1 / Math.sqrt(inputs);
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble(-bound, bound);
        }
    }
}
