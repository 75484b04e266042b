package io.accrete.worker.nn;

import io.accrete.worker.tensor.Tensor;
import io.accrete.worker.tensor.TensorScope;

import java.util.HashMap;
import java.util.Map;

/**
 * Weights where they are computed with: what lies elsewhere, as mapped files do for a GPU, is moved
 * when it is asked for first, and stays.
 */
public final class PlacedWeights implements WeightSource {
    private final WeightSource source;
    private final TensorScope scope;
    private final Map<String, Tensor> placed = new HashMap<>();

    /**
     * @param scope on whose device the tensors are, and how long they live
     */
    public PlacedWeights(WeightSource source, TensorScope scope) {
        this.source = source;
        this.scope = scope;
    }

    @Override
    public Tensor tensor(String name) {
        return placed.computeIfAbsent(name, asked -> scope.placed(source.tensor(asked)));
    }
}
