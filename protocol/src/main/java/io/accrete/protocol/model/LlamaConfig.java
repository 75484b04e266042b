package io.accrete.protocol.model;

import io.accrete.protocol.tensor.Shape;

import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * The numbers of a Llama-family model that can be computed with: Llama, Mistral, Qwen2 and all that
 * say they are one of these.
 *
 * @param ffn inner size of the MLP
 * @param epsilon of the norms
 * @param biases projections that have one, in the order of {@link Projection}
 * @param tied whether embedding and head are one matrix
 * @param positions of the pre-training; 0 if the configuration does not say
 * @param window positions that attention looks back, if it is limited
 */
public record LlamaConfig(
        int layers,
        int hidden,
        int heads,
        int kvHeads,
        int headDim,
        int ffn,
        int vocabulary,
        double epsilon,
        Activation activation,
        Rope rope,
        List<Projection> biases,
        boolean tied,
        int positions,
        OptionalInt window) {

    public static final String EMBEDDING = "model.embed_tokens.weight";
    public static final String FINAL_NORM = "model.norm.weight";
    public static final String HEAD = "lm_head.weight";

    private static final String LAYERS = "model.layers.";

    /**
     * Names inside of a layer of the weights that are no biases, in the order of the arithmetic.
     */
    public static final List<String> LAYER_WEIGHTS =
            List.of(
                    "input_layernorm.weight",
                    Projection.Q.weight(),
                    Projection.K.weight(),
                    Projection.V.weight(),
                    Projection.O.weight(),
                    "post_attention_layernorm.weight",
                    Projection.GATE.weight(),
                    Projection.UP.weight(),
                    Projection.DOWN.weight());

    public LlamaConfig {
        biases = List.copyOf(biases);
    }

    /**
     * @throws ModelFileException with all reasons why the model cannot be computed with
     */
    public static LlamaConfig of(ModelFolder folder) throws ModelFileException {
        return new LlamaConfigReader(folder).read();
    }

    /** Name of a tensor of a layer. */
    public static String layerTensor(int layer, String suffix) {
        return LAYERS + layer + "." + suffix;
    }

    /** The layer that a tensor of a layer belongs to. */
    public static int layerOf(String tensor) {
        int end = tensor.indexOf('.', LAYERS.length());
        if (!tensor.startsWith(LAYERS) || end < 0) {
            throw new IllegalArgumentException("`" + tensor + "` is in no layer");
        }
        return Integer.parseInt(tensor, LAYERS.length(), end, 10);
    }

    /** What a tensor of a layer is called inside of it. */
    public static String suffixOf(String tensor) {
        int layer = layerOf(tensor);
        return tensor.substring(layerTensor(layer, "").length());
    }

    public static boolean isInLayer(String tensor) {
        return tensor.startsWith(LAYERS);
    }

    /** Names of all tensors of a layer, in the order of the arithmetic, biases last. */
    public List<String> layerTensors(int layer) {
        return Stream.concat(LAYER_WEIGHTS.stream(), biases.stream().map(Projection::bias))
                .map(suffix -> layerTensor(layer, suffix))
                .toList();
    }

    /** Shape of the matrix of a projection, [outputs, inputs]. */
    public Shape shape(Projection projection) {
        return new Shape(LlamaShapes.matrix(this, projection));
    }

    /** The same model with another number of layers. */
    public LlamaConfig withLayers(int count) {
        return new LlamaConfig(
                count,
                hidden,
                heads,
                kvHeads,
                headDim,
                ffn,
                vocabulary,
                epsilon,
                activation,
                rope,
                biases,
                tied,
                positions,
                window);
    }
}
