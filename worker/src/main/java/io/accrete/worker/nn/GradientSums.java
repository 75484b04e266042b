package io.accrete.worker.nn;

import io.accrete.worker.tensor.LlamaArithmetic;
import io.accrete.worker.tensor.Tensor;
import io.accrete.worker.tensor.TensorScope;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The gradients of a step, summed per use over its micro-batches in the order in which they are
 * added.
 */
public final class GradientSums {
    private final LlamaArithmetic arithmetic;
    private final TensorScope scope;
    private final SortedMap<Use, Tensor> sums = new TreeMap<>();

    /**
     * @param scope as long as the step
     */
    public GradientSums(LlamaArithmetic arithmetic, TensorScope scope) {
        this.arithmetic = arithmetic;
        this.scope = scope;
    }

    /**
     * @param gradients of the uses in the same places, which are used up
     */
    void add(List<Use> uses, List<Tensor> gradients) {
        List<Tensor> present = new ArrayList<>();
        List<Tensor> parts = new ArrayList<>();
        for (int i = 0; i < uses.size(); i++) {
            Tensor sum = sums.get(uses.get(i));
            if (sum == null) {
                sums.put(uses.get(i), scope.keep(gradients.get(i)));
            } else {
                present.add(sum);
                parts.add(gradients.get(i));
            }
        }
        if (!present.isEmpty()) {
            arithmetic.addTo(present, parts);
            parts.forEach(Tensor::close);
        }
    }

    public SortedMap<Use, Tensor> byUse() {
        return sums;
    }
}
