package io.accrete.worker.inference;

import io.accrete.protocol.model.LlamaConfig;
import io.accrete.protocol.tensor.DType;
import io.accrete.worker.nn.LayerStack;
import io.accrete.worker.nn.SiteSurgery;
import io.accrete.worker.nn.SiteWeights;
import io.accrete.worker.nn.WeightSource;
import io.accrete.worker.tensor.LlamaArithmetic;
import io.accrete.worker.tensor.TensorScope;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * One of the models that are compared, from wherever its weights come.
 *
 * @param config with its own number of layers
 */
public record ComparedModel(LlamaConfig config, WeightSource weights) {

    LayerStack stack(LlamaArithmetic arithmetic, TensorScope scope) {
        return new LayerStack(config, weights, arithmetic, DType.F32, scope);
    }

    /** The same model without one of its layers. */
    ComparedModel without(int site, LlamaArithmetic arithmetic, TensorScope scope) {
        List<Integer> left = new ArrayList<>();
        for (int other = 0; other < config.layers(); other++) {
            if (other != site) {
                left.add(other);
            }
        }
        return of(left, arithmetic, scope);
    }

    /** The same model of these of its layers. */
    public ComparedModel of(List<Integer> layers, LlamaArithmetic arithmetic, TensorScope scope) {
        return of(layers, Collections.nCopies(layers.size(), 1.0), arithmetic, scope);
    }

    /**
     * The same model of these of its layers.
     *
     * @param factors of both branches of each
     */
    public ComparedModel of(
            List<Integer> layers,
            List<Double> factors,
            LlamaArithmetic arithmetic,
            TensorScope scope) {
        SiteSurgery surgery = new SiteSurgery(layers, factors);
        return new ComparedModel(
                config.withLayers(layers.size()),
                new SiteWeights(weights, surgery, arithmetic, scope));
    }
}
