package io.accrete.coordinator.train;

import io.accrete.protocol.merge.Lineage;
import io.accrete.protocol.model.Architecture;
import io.accrete.protocol.model.ModelConfig;
import io.accrete.protocol.model.ModelFileException;
import io.accrete.protocol.tensor.DType;
import io.accrete.protocol.tensor.TensorSpec;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Models that are only known by their configuration. */
final class TrainModels {
    private TrainModels() {}

    static TrainedModel llama3With70Billion() {
        return of(8192, 80, 64, 8, 28672, 128256, false, DType.BF16);
    }

    /** The layers of Llama-3-120B. */
    static String sitesOf120Billion() {
        return IntStream.rangeClosed(0, 6)
                .boxed()
                .flatMap(slice -> IntStream.range(10 * slice, 10 * slice + 20).boxed())
                .map(String::valueOf)
                .collect(Collectors.joining(", ", "sites: [", "]\n"));
    }

    /** Hidden 8, 2 heads of 4, one of keys, MLP 16, 32 tokens. */
    static TrainedModel small(int layers, boolean tied) {
        return of(8, layers, 2, 1, 16, 32, tied, DType.F32);
    }

    static TrainedModel of(
            int hidden,
            int layers,
            int heads,
            int keyHeads,
            int inner,
            int vocabulary,
            boolean tied,
            DType dtype) {
        String text =
                """
                {"architectures": ["LlamaForCausalLM"], "model_type": "llama",
                 "hidden_size": %d, "num_hidden_layers": %d, "num_attention_heads": %d,
                 "num_key_value_heads": %d, "intermediate_size": %d, "vocab_size": %d,
                 "tie_word_embeddings": %s, "max_position_embeddings": 8192}
                """
                        .formatted(hidden, layers, heads, keyHeads, inner, vocabulary, tied);
        try {
            ModelConfig config = ModelConfig.parse(text);
            Architecture architecture = Architecture.of(config, List.of()).orElseThrow();
            SortedMap<String, TensorSpec> tensors = new TreeMap<>();
            for (String name : architecture.requiredTensors(config)) {
                tensors.put(
                        name,
                        new TensorSpec(
                                name, dtype, architecture.shape(name, config).orElseThrow()));
            }
            return new TrainedModel(
                    config, architecture, tensors, Lineage.plain("base", layers), false);
        } catch (ModelFileException e) {
            throw new IllegalStateException(e);
        }
    }
}
