package io.accrete.protocol.model;

/** Where in a model a tensor belongs. */
public sealed interface TensorPlace {

    /** Before the first layer: embeddings. */
    record Before() implements TensorPlace {}

    /**
     * In a layer.
     *
     * @param suffix its name inside of the layer, e.g. {@code mlp.up_proj.weight}
     */
    record InLayer(int layer, String suffix) implements TensorPlace {}

    /** After the last layer: final norm and head. */
    record After() implements TensorPlace {}
}
