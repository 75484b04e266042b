package io.accrete.worker.train;

import io.accrete.worker.nn.GradientSums;
import io.accrete.worker.nn.Use;
import io.accrete.worker.tensor.LlamaArithmetic;
import io.accrete.worker.tensor.Tensor;
import io.accrete.worker.tensor.TensorScope;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The gradients of parameters from those of their uses: added in the order of uses by the stage
 * that owns the parameter, wherever the uses are.
 */
final class TiedSums {
    private final StageSetup setup;
    private final StageEdges edges;
    private final LlamaArithmetic arithmetic;
    private final TensorScope step;

    TiedSums(StageSetup setup, StageEdges edges, LlamaArithmetic arithmetic, TensorScope step) {
        this.setup = setup;
        this.edges = edges;
        this.arithmetic = arithmetic;
        this.step = step;
    }

    /** By name, of the parameters that this stage owns. */
    NavigableMap<String, Tensor> combined(GradientSums sums)
            throws IOException, InterruptedException {
        SortedMap<Use, Tensor> owned = new TreeMap<>();
        for (Map.Entry<Use, Tensor> sum : sums.byUse().entrySet()) {
            int owner = setup.map().owner(sum.getKey().parameter());
            if (owner == setup.stage()) {
                owned.put(sum.getKey(), sum.getValue());
            } else {
                edges.tied(setup.stage(), owner).put(sum.getValue());
            }
        }
        for (int other = 0; other < setup.map().count(); other++) {
            for (Use use : setup.map().usesElsewhere(setup.stage(), other)) {
                owned.put(use, edges.tied(other, setup.stage()).take(step));
            }
        }
        NavigableMap<String, Tensor> byName = new TreeMap<>();
        owned.forEach(
                (use, gradient) -> {
                    Tensor first = byName.putIfAbsent(use.parameter(), gradient);
                    if (first != null) {
                        arithmetic.addTo(List.of(first), List.of(gradient));
                    }
                });
        return byName;
    }
}
