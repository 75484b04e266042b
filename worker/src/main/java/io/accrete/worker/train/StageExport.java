package io.accrete.worker.train;

import io.accrete.protocol.model.LlamaConfig;
import io.accrete.protocol.model.Projection;
import io.accrete.protocol.train.AddedParameters;
import io.accrete.protocol.train.LoraSettings;
import io.accrete.protocol.train.SiteRange;
import io.accrete.worker.tensor.LlamaArithmetic;
import io.accrete.worker.tensor.Tensor;
import io.accrete.worker.tensor.TensorScope;

import java.io.IOException;

/**
 * The tensors of a stage's sites as a plain model has them: what was added for the training is
 * folded in, {@code g (W + scale B A)}.
 */
final class StageExport {
    private final StageSetup setup;
    private final StageParameters parameters;
    private final LlamaArithmetic arithmetic;
    private final TensorScope scope;
    private final Stage.TensorSink sink;

    StageExport(
            StageSetup setup,
            StageParameters parameters,
            LlamaArithmetic arithmetic,
            TensorScope scope,
            Stage.TensorSink sink) {
        this.setup = setup;
        this.parameters = parameters;
        this.arithmetic = arithmetic;
        this.scope = scope;
        this.sink = sink;
    }

    /** All tensors of the stage's sites, embedding and head where they are its own. */
    void model() throws IOException {
        for (SiteRange slice : setup.map().slices(setup.stage())) {
            if (slice.first() == 0) {
                plain(LlamaConfig.EMBEDDING);
            }
            for (int site = slice.first(); site < slice.end(); site++) {
                for (String name : setup.config().layerTensors(site)) {
                    try (TensorScope own = scope.child()) {
                        sink.tensor(name, folded(site, name, own), arithmetic, own);
                    }
                }
            }
            if (slice.end() == setup.config().layers()) {
                plain(LlamaConfig.FINAL_NORM);
                if (!setup.config().tied()) {
                    plain(LlamaConfig.HEAD);
                }
            }
        }
    }

    /** The low-rank matrices of the stage's sites. */
    void adapter() throws IOException {
        for (SiteRange slice : setup.map().slices(setup.stage())) {
            for (int site = slice.first(); site < slice.end(); site++) {
                for (String name : setup.map().added().names(site)) {
                    if (AddedParameters.isLora(name)) {
                        plain(name);
                    }
                }
            }
        }
    }

    private void plain(String name) throws IOException {
        try (TensorScope own = scope.child()) {
            sink.tensor(name, parameters.of(name).value(), arithmetic, own);
        }
    }

    private Tensor folded(int site, String name, TensorScope own) {
        AddedParameters added = setup.map().added();
        Tensor value = parameters.of(name).value();
        for (Projection target : added.targets()) {
            if (name.equals(LlamaConfig.layerTensor(site, target.weight()))) {
                value =
                        arithmetic.foldLowRank(
                                value,
                                parameters.of(AddedParameters.loraA(site, target)).value(),
                                parameters.of(AddedParameters.loraB(site, target)).value(),
                                added.lora().map(LoraSettings::scale).orElseThrow(),
                                own);
            }
        }
        if (!added.gates().containsKey(site)) {
            return value;
        }
        if (isOf(Projection.O, site, name)) {
            return gated(value, site, AddedParameters.ATTENTION_GATE, own);
        }
        return isOf(Projection.DOWN, site, name)
                ? gated(value, site, AddedParameters.MLP_GATE, own)
                : value;
    }

    private Tensor gated(Tensor value, int site, String gate, TensorScope own) {
        Tensor factor = parameters.of(LlamaConfig.layerTensor(site, gate)).value();
        return arithmetic.foldGate(value, factor, own);
    }

    private static boolean isOf(Projection projection, int site, String name) {
        return name.equals(LlamaConfig.layerTensor(site, projection.weight()))
                || name.equals(LlamaConfig.layerTensor(site, projection.bias()));
    }
}
