package io.accrete.worker.nn;

import io.accrete.protocol.model.LlamaConfig;
import io.accrete.protocol.model.Projection;
import io.accrete.worker.tensor.LlamaArithmetic;
import io.accrete.worker.tensor.Tensor;
import io.accrete.worker.tensor.TensorScope;

import java.util.Map;
import java.util.TreeMap;

/** The weights of a model after surgery on its layers, under their names after it. */
public final class SiteWeights implements WeightSource {
    private final WeightSource source;
    private final SiteSurgery surgery;
    private final LlamaArithmetic arithmetic;
    private final TensorScope scope;
    private final Map<String, Tensor> scaled = new TreeMap<>();

    /**
     * @param scope how long the scaled tensors live
     */
    public SiteWeights(
            WeightSource source,
            SiteSurgery surgery,
            LlamaArithmetic arithmetic,
            TensorScope scope) {
        this.source = source;
        this.surgery = surgery;
        this.arithmetic = arithmetic;
        this.scope = scope;
    }

    @Override
    public Tensor tensor(String name) {
        if (!LlamaConfig.isInLayer(name)) {
            return source.tensor(name);
        }
        int site = LlamaConfig.layerOf(name);
        String suffix = LlamaConfig.suffixOf(name);
        Tensor original =
                source.tensor(LlamaConfig.layerTensor(surgery.layers().get(site), suffix));
        double factor = surgery.branchFactors().get(site);
        boolean branch =
                suffix.equals(Projection.O.weight()) || suffix.equals(Projection.DOWN.weight());
        if (!branch || factor == 1) {
            return original;
        }
        return scaled.computeIfAbsent(name, n -> scaled(original, factor));
    }

    private Tensor scaled(Tensor original, double factor) {
        Tensor copy = arithmetic.cast(original, original.dtype(), scope);
        arithmetic.scale(copy, factor);
        return copy;
    }
}
