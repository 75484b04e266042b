package io.accrete.worker.nn;

import io.accrete.protocol.model.LlamaConfig;
import io.accrete.worker.tensor.LayerForm;

/** The form of a model's layers as the arithmetic takes it. */
final class LayerForms {
    private LayerForms() {}

    static LayerForm of(LlamaConfig config) {
        return new LayerForm(
                config.heads(),
                config.kvHeads(),
                config.headDim(),
                config.activation(),
                config.epsilon(),
                config.biases());
    }
}
