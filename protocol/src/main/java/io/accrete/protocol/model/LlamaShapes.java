package io.accrete.protocol.model;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The shapes that a Llama-family model's tensors have according to its numbers. */
final class LlamaShapes {
    private LlamaShapes() {}

    /** By name, for all layers, embedding and last norm, and the head if it is its own matrix. */
    static Map<String, List<Long>> of(LlamaConfig config) {
        long hidden = config.hidden();
        long vocabulary = config.vocabulary();
        Map<String, List<Long>> shapes = new TreeMap<>();
        shapes.put(LlamaConfig.EMBEDDING, List.of(vocabulary, hidden));
        shapes.put(LlamaConfig.FINAL_NORM, List.of(hidden));
        if (!config.tied()) {
            shapes.put(LlamaConfig.HEAD, List.of(vocabulary, hidden));
        }
        for (int layer = 0; layer < config.layers(); layer++) {
            for (String suffix :
                    List.of("input_layernorm.weight", "post_attention_layernorm.weight")) {
                shapes.put(LlamaConfig.layerTensor(layer, suffix), List.of(hidden));
            }
            for (Projection projection : Projection.values()) {
                List<Long> shape = matrix(config, projection);
                shapes.put(LlamaConfig.layerTensor(layer, projection.weight()), shape);
                if (config.biases().contains(projection)) {
                    shapes.put(
                            LlamaConfig.layerTensor(layer, projection.bias()),
                            List.of(shape.getFirst()));
                }
            }
        }
        return shapes;
    }

    static List<Long> matrix(LlamaConfig config, Projection projection) {
        long hidden = config.hidden();
        long ffn = config.ffn();
        long q = (long) config.heads() * config.headDim();
        long kv = (long) config.kvHeads() * config.headDim();
        return switch (projection) {
            case Q -> List.of(q, hidden);
            case K, V -> List.of(kv, hidden);
            case O -> List.of(hidden, q);
            case GATE, UP -> List.of(ffn, hidden);
            case DOWN -> List.of(hidden, ffn);
        };
    }
}
