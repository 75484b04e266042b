package io.accrete.tour;

import io.accrete.protocol.safetensors.ShardHeader;
import io.accrete.protocol.tensor.DType;
import io.accrete.protocol.tensor.FloatCodec;
import io.accrete.protocol.tensor.Shape;
import io.accrete.protocol.tensor.TensorSpec;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** A small untrained Llama that reads stories, from a seed: the same bytes on every machine. */
public final class RandomModel {
    private static final int HIDDEN = 64;
    private static final int HEADS = 4;
    private static final int KEY_VALUE_HEADS = 2;
    private static final int FEED_FORWARD = 172;

    /** Uniform numbers of the standard deviation that Llamas start with, 0.02. */
    private static final double LIMIT = 0.035;

    private RandomModel() {}

    /** Writes configuration, weights and tokenizer into a folder that it makes. */
    public static void write(Path folder, int layers, long seed) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("config.json"), config(layers));
        StoryTokenizer.write(folder);
        List<TensorSpec> specs = new ArrayList<>(specs(layers));
        specs.sort(ShardHeader.ORDER);
        Path file = folder.resolve("model.safetensors");
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
            out.write(ShardHeader.encode(specs, Map.of("format", "pt"), 0));
            SplittableRandom random = new SplittableRandom(seed);
            for (TensorSpec spec : specs) {
                out.write(values(spec, random.split()));
            }
        }
    }

    private static byte[] values(TensorSpec spec, SplittableRandom random) {
        FloatCodec codec = FloatCodec.of(spec.dtype());
        ByteBuffer bytes =
                ByteBuffer.allocate(Math.toIntExact(spec.bytes())).order(ByteOrder.LITTLE_ENDIAN);
        boolean norm = spec.name().endsWith("norm.weight");
        for (int i = 0; i < spec.shape().elements(); i++) {
            codec.put(bytes, i, norm ? 1.0 : random.nextDouble(-LIMIT, LIMIT));
        }
        return bytes.array();
    }

    private static List<TensorSpec> specs(int layers) {
        int keyValue = HIDDEN / HEADS * KEY_VALUE_HEADS;
        List<TensorSpec> specs = new ArrayList<>();
        add(specs, "model.embed_tokens.weight", StoryTokenizer.size(), HIDDEN);
        for (int layer = 0; layer < layers; layer++) {
            String prefix = "model.layers." + layer + ".";
            add(specs, prefix + "input_layernorm.weight", HIDDEN);
            add(specs, prefix + "self_attn.q_proj.weight", HIDDEN, HIDDEN);
            add(specs, prefix + "self_attn.k_proj.weight", keyValue, HIDDEN);
            add(specs, prefix + "self_attn.v_proj.weight", keyValue, HIDDEN);
            add(specs, prefix + "self_attn.o_proj.weight", HIDDEN, HIDDEN);
            add(specs, prefix + "post_attention_layernorm.weight", HIDDEN);
            add(specs, prefix + "mlp.gate_proj.weight", FEED_FORWARD, HIDDEN);
            add(specs, prefix + "mlp.up_proj.weight", FEED_FORWARD, HIDDEN);
            add(specs, prefix + "mlp.down_proj.weight", HIDDEN, FEED_FORWARD);
        }
        add(specs, "model.norm.weight", HIDDEN);
        return specs;
    }

    private static void add(List<TensorSpec> specs, String name, long... extents) {
        specs.add(new TensorSpec(name, DType.F32, Shape.of(extents)));
    }

    private static String config(int layers) {
        return """
        {
          "architectures": ["LlamaForCausalLM"],
          "model_type": "llama",
          "hidden_size": %d,
          "intermediate_size": %d,
          "num_hidden_layers": %d,
          "num_attention_heads": %d,
          "num_key_value_heads": %d,
          "vocab_size": %d,
          "bos_token_id": 1,
          "eos_token_id": 2,
          "max_position_embeddings": 512,
          "rms_norm_eps": 1e-05,
          "rope_theta": 10000.0,
          "hidden_act": "silu",
          "tie_word_embeddings": true,
          "torch_dtype": "float32"
        }
        """
                .formatted(
                        HIDDEN,
                        FEED_FORWARD,
                        layers,
                        HEADS,
                        KEY_VALUE_HEADS,
                        StoryTokenizer.size());
    }
}
