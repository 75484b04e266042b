package io.accrete.protocol.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.accrete.protocol.tensor.DType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelConfigTest {

    @Test
    void readsOldAndNewSpellingsAlike() throws ModelFileException {
        ModelConfig old =
                ModelConfig.parse(
                        """
                        {"torch_dtype": "bfloat16", "rope_theta": 500000.0,
                         "rope_scaling": {"rope_type": "llama3", "factor": 8.0}}\
                        """);
        ModelConfig current =
                ModelConfig.parse(
                        """
                        {"dtype": "bfloat16", "rope_parameters":
                          {"rope_theta": 500000.0, "rope_type": "llama3", "factor": 8.0}}\
                        """);

        assertThat(old.dtypeKey()).contains("torch_dtype");
        assertThat(current.dtypeKey()).contains("dtype");
        assertThat(old.dtype()).contains(DType.BF16).isEqualTo(current.dtype());
        assertThat(old.ropeTheta()).hasValue(500_000.0).isEqualTo(current.ropeTheta());
        assertThat(old.ropeScaling()).isPresent();
        assertThat(current.ropeScaling()).isPresent();
    }

    @Test
    void anUnstretchedRopeIsNoScaling() throws ModelFileException {
        assertThat(ModelConfig.parse("{\"rope_scaling\": null}").ropeScaling()).isEmpty();
        assertThat(
                        ModelConfig.parse(
                                        "{\"rope_parameters\": {\"rope_type\": \"default\","
                                                + " \"rope_theta\": 10000.0}}")
                                .ropeScaling())
                .isEmpty();
    }

    @Test
    void fillsInWhatFollowsFromTheRest() throws ModelFileException {
        ModelConfig config = ModelConfig.parse("{\"hidden_size\": 64, \"num_attention_heads\": 8}");
        assertThat(config.headDim()).hasValue(8);
        assertThat(config.kvHeads()).hasValue(8);
        assertThat(config.layers()).isEmpty();
    }

    @Test
    void findsTheTextPartOfModelsWithSeveralParts() throws ModelFileException {
        ModelConfig config =
                ModelConfig.parse(
                        "{\"text_config\": {\"num_hidden_layers\": 7, \"dtype\": \"float16\"}}");
        assertThat(config.layers()).hasValue(7);
        assertThat(config.dtypeKey()).contains("text_config.dtype");
        assertThat(config.locate("num_hidden_layers")).contains("text_config.num_hidden_layers");
    }

    @Test
    void takesTheNumbersThatPythonWrites() throws ModelFileException {
        assertThat(ModelConfig.parse("{\"limit\": [0.0, Infinity], \"x\": NaN}").at("limit"))
                .isPresent();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "  ",
                "[]",
                "null",
                "{",
                "{} x",
                "{\"a\": }",
                "\ufeff{}",
                "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"
            })
    void whatIsNoJsonObjectGetsASentence(String text) {
        assertThatThrownBy(() -> ModelConfig.parse(text))
                .isInstanceOfSatisfying(
                        ModelFileException.class,
                        e -> {
                            assertThat(e.fault()).isEqualTo(FolderFault.CONFIG_UNREADABLE);
                            assertThat(e.sentence()).isNotBlank().doesNotContain("\n");
                        });
    }

    @Test
    void nestsAreBounded() {
        String deep = "{\"a\":" + "[".repeat(5_000) + "]".repeat(5_000) + "}";
        assertThatThrownBy(() -> ModelConfig.parse(deep)).isInstanceOf(ModelFileException.class);
    }
}
