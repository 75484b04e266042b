package io.accrete.protocol.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.protocol.model.Architecture.Origin;
import io.accrete.protocol.model.Weight.Role;
import io.accrete.protocol.tensor.Shape;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.List;
import java.util.Set;

class ArchitectureTest {

    private static final String SIZES =
            """
            "hidden_size": 64, "num_attention_heads": 8, "num_key_value_heads": 2, "head_dim": 16,
            "intermediate_size": 96, "moe_intermediate_size": 48, "vocab_size": 100,
            "num_hidden_layers": 3, "num_local_experts": 4\
            """;

    private static ModelConfig config(String architecture, String more) throws ModelFileException {
        return ModelConfig.parse(
                "{\"architectures\": [\"%s\"], %s%s}".formatted(architecture, SIZES, more));
    }

    static Set<String> names() {
        return ArchitectureTable.names();
    }

    @ParameterizedTest
    @MethodSource("names")
    void everyListedArchitectureKnowsItsShapesAndPlaces(String name) throws ModelFileException {
        ModelConfig config = config(name, "");
        Architecture known = Architecture.of(config, List.of()).orElseThrow();

        assertThat(known.origin()).isEqualTo(Origin.TABLE);
        assertThat(known.embedding()).isPresent();
        assertThat(known.head()).isPresent();
        for (String tensor : known.requiredTensors(config)) {
            assertThat(known.shape(tensor, config)).as(tensor).isPresent();
            assertThat(known.role(tensor)).as(tensor).isNotEqualTo(Role.OTHER);
        }
        assertThat(known.requiredTensors(config)).doesNotHaveDuplicates();
    }

    @Test
    void llamaShapesFollowFromTheConfiguration() throws ModelFileException {
        ModelConfig config = config("LlamaForCausalLM", "");
        Architecture llama = Architecture.of(config, List.of()).orElseThrow();

        assertThat(llama.shape("model.embed_tokens.weight", config)).contains(Shape.of(100, 64));
        assertThat(llama.shape("model.layers.2.self_attn.q_proj.weight", config))
                .contains(Shape.of(128, 64));
        assertThat(llama.shape("model.layers.0.self_attn.k_proj.weight", config))
                .contains(Shape.of(32, 64));
        assertThat(llama.shape("model.layers.0.mlp.down_proj.weight", config))
                .contains(Shape.of(64, 96));
        assertThat(llama.shape("model.layers.0.self_attn.rotary_emb.inv_freq", config))
                .contains(Shape.of(8));
        assertThat(llama.requiredTensors(config)).hasSize(3 * 9 + 3);
    }

    @Test
    void biasesExistWhereTheConfigurationSaysSo() throws ModelFileException {
        ModelConfig config = config("LlamaForCausalLM", ", \"attention_bias\": true");
        Architecture llama = Architecture.of(config, List.of()).orElseThrow();
        assertThat(llama.requiredTensors(config))
                .hasSize(3 * 13 + 3)
                .contains("model.layers.1.self_attn.o_proj.bias");
    }

    @Test
    void aTiedModelNeedsNoHead() throws ModelFileException {
        ModelConfig gemma = config("GemmaForCausalLM", "");
        assertThat(Architecture.of(gemma, List.of()).orElseThrow().requiredTensors(gemma))
                .doesNotContain("lm_head.weight");
        ModelConfig untied = config("GemmaForCausalLM", ", \"tie_word_embeddings\": false");
        assertThat(Architecture.of(untied, List.of()).orElseThrow().requiredTensors(untied))
                .contains("lm_head.weight");
    }

    @Test
    void expertsAreCounted() throws ModelFileException {
        ModelConfig config = config("MixtralForCausalLM", "");
        Architecture mixtral = Architecture.of(config, List.of()).orElseThrow();
        assertThat(mixtral.requiredTensors(config))
                .contains("model.layers.2.block_sparse_moe.experts.3.w2.weight")
                .hasSize(3 * (6 + 1 + 4 * 3) + 3);
        assertThat(mixtral.shape("model.layers.2.block_sparse_moe.experts.3.w2.weight", config))
                .contains(Shape.of(64, 96));
    }

    @Test
    void aModelWithItsExpertsInOneTensorIsKnownByItsTensors() throws ModelFileException {
        ModelConfig config = config("MixtralForCausalLM", "");
        Architecture fused =
                Architecture.of(
                                config,
                                List.of(
                                        "model.layers.0.input_layernorm.weight",
                                        "model.layers.0.mlp.gate.weight",
                                        "model.layers.0.mlp.experts.gate_up_proj"))
                        .orElseThrow();

        assertThat(fused.origin()).isEqualTo(Origin.TABLE);
        assertThat(fused.shape("model.layers.0.mlp.experts.gate_up_proj", config))
                .contains(Shape.of(4, 192, 64));
        assertThat(fused.requiredTensors(config)).hasSize(3 * (6 + 3) + 3);
    }

    @Test
    void everyTensorHasAPlaceListedOrNot() throws ModelFileException {
        Architecture llama =
                Architecture.of(config("LlamaForCausalLM", ""), List.of()).orElseThrow();

        assertThat(llama.place("model.layers.12.mlp.up_proj.weight"))
                .isEqualTo(new TensorPlace.InLayer(12, "mlp.up_proj.weight"));
        assertThat(llama.place("model.layers.12.strange.thing"))
                .isEqualTo(new TensorPlace.InLayer(12, "strange.thing"));
        assertThat(llama.place("model.embed_tokens.weight")).isEqualTo(new TensorPlace.Before());
        assertThat(llama.place("model.norm.weight")).isEqualTo(new TensorPlace.After());
        assertThat(llama.place("lm_head.weight")).isEqualTo(new TensorPlace.After());
        assertThat(llama.place("extra.head.weight")).isEqualTo(new TensorPlace.After());
        assertThat(llama.place("vision.patch")).isEqualTo(new TensorPlace.Before());
        assertThat(llama.place("model.layers.x.y")).isEqualTo(new TensorPlace.Before());
        assertThat(llama.place("model.layers.99999999.y")).isEqualTo(new TensorPlace.Before());
    }

    @Test
    void anUnknownArchitectureIsInferredFromNames() throws ModelFileException {
        ModelConfig config = config("FooForCausalLM", "");
        Architecture foo =
                Architecture.of(
                                config,
                                List.of(
                                        "transformer.wte.weight",
                                        "transformer.h.0.attn.w",
                                        "transformer.h.1.attn.w",
                                        "transformer.h.2.attn.w",
                                        "transformer.h.2.mlp.0.w",
                                        "transformer.ln_f.weight",
                                        "lm_head.weight"))
                        .orElseThrow();

        assertThat(foo.origin()).isEqualTo(Origin.INFERRED);
        assertThat(foo.layerPrefix()).isEqualTo("transformer.h.");
        assertThat(foo.place("transformer.h.2.mlp.0.w"))
                .isEqualTo(new TensorPlace.InLayer(2, "mlp.0.w"));
        assertThat(foo.place("transformer.ln_f.weight")).isEqualTo(new TensorPlace.After());
        assertThat(foo.embedding()).contains("transformer.wte.weight");
        assertThat(foo.head()).contains("lm_head.weight");
        assertThat(Architecture.of(config, List.of())).isEmpty();
    }

    @Test
    void ofSeveralStacksTheOneThatTheConfigurationCountsHasTheLayers() throws ModelFileException {
        ModelConfig config = config("SeesForConditionalGeneration", "");
        Architecture sees =
                Architecture.of(
                                config,
                                List.of(
                                        "vision.blocks.0.a",
                                        "vision.blocks.0.b",
                                        "vision.blocks.0.c",
                                        "vision.blocks.1.a",
                                        "vision.blocks.1.b",
                                        "vision.blocks.1.c",
                                        "language.layers.0.a",
                                        "language.layers.1.a",
                                        "language.layers.2.a"))
                        .orElseThrow();
        assertThat(sees.layerPrefix()).isEqualTo("language.layers.");
    }

    @Test
    void aListedNameWithForeignTensorsIsInferred() throws ModelFileException {
        Architecture renamed =
                Architecture.of(config("LlamaForCausalLM", ""), List.of("h.0.w", "h.1.w", "h.2.w"))
                        .orElseThrow();
        assertThat(renamed.origin()).isEqualTo(Origin.INFERRED);
        assertThat(renamed.layerPrefix()).isEqualTo("h.");
    }

    @Test
    void listsWithOneEntryPerLayerAreFound() throws ModelFileException {
        ModelConfig config =
                config(
                        "Qwen3ForCausalLM",
                        ", \"layer_types\": [\"a\", \"b\", \"a\"], \"layers_to_x\": [1, 2],"
                                + " \"mlp_only_layers\": [0, 1, 2], \"eos\": [1, 2, 3]");
        Architecture qwen = Architecture.of(config, List.of()).orElseThrow();
        assertThat(qwen.perLayerLists(config)).containsExactly("layer_types");
        assertThat(qwen.layerIndexLists(config)).containsExactly("mlp_only_layers");
    }

    @Test
    void sizesBeyondReasonGiveNoShape() throws ModelFileException {
        ModelConfig config =
                ModelConfig.parse(
                        "{\"architectures\": [\"LlamaForCausalLM\"], \"vocab_size\":"
                                + " 9223372036854775807, \"hidden_size\": 9223372036854775807}");
        Architecture llama = Architecture.of(config, List.of()).orElseThrow();
        assertThat(llama.shape("model.embed_tokens.weight", config)).isEmpty();
    }
}
