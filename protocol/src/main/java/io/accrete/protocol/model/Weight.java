package io.accrete.protocol.model;

import io.accrete.protocol.tensor.DType;

import java.util.List;
import java.util.Optional;

/**
 * A tensor that models of an architecture have.
 *
 * @param shape one formula per extent; empty if the shape is not known without the weights
 * @param optional whether a model may lack it
 * @param when the boolean in the configuration that says whether it exists, if one does
 * @param dtype its element type, where that is another than the model's
 */
public record Weight(
        Role role,
        Optional<List<SizeFormula>> shape,
        boolean optional,
        Optional<String> when,
        Optional<DType> dtype) {

    /** What a tensor is for. */
    public enum Role {
        EMBEDDING,
        NORM,
        ATTENTION,
        MLP,
        ROUTER,
        BUFFER,
        HEAD,
        OTHER
    }

    /** Whether a model of that configuration must have it. */
    public boolean isRequired(ModelConfig config) {
        return !optional && when.map(config::isTrue).orElse(true);
    }
}
