package io.accrete.protocol.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.util.List;

class ConfigEditTest {

    private static final String TEXT =
            """
            {
              "architectures": [
                "LlamaForCausalLM"
              ],
              "num_hidden_layers":  32 ,
              "rms_norm_eps": 1e-05,
              "eos": [1, 2],
              "text_config": {"num_hidden_layers": 4, "x": {}},
              "torch_dtype": "float16"
            }
            """;

    @Test
    void replacesAValueAndNothingElse() {
        assertThat(new ConfigEdit(TEXT).set("num_hidden_layers", 140).text())
                .isEqualTo(TEXT.replace(" 32 ", " 140 "));
        assertThat(new ConfigEdit(TEXT).set("torch_dtype", "bfloat16").text())
                .isEqualTo(TEXT.replace("float16", "bfloat16"));
        assertThat(new ConfigEdit(TEXT).set("text_config.num_hidden_layers", 5).text())
                .isEqualTo(TEXT.replace(": 4", ": 5"));
        assertThat(new ConfigEdit(TEXT).set("rms_norm_eps", false).text())
                .isEqualTo(TEXT.replace("1e-05", "false"));
    }

    @Test
    void aListKeepsItsLayout() {
        assertThat(new ConfigEdit(TEXT).set("eos", List.of(1, 2, 3)).text())
                .isEqualTo(TEXT.replace("[1, 2]", "[1, 2, 3]"));
        assertThat(new ConfigEdit(TEXT).set("architectures", List.of("A", "B")).text())
                .isEqualTo(TEXT.replace("    \"LlamaForCausalLM\"\n", "    \"A\",\n    \"B\"\n"));
    }

    @Test
    void aNewKeyStandsAtTheEndInTheLayoutOfTheOthers() {
        assertThat(new ConfigEdit(TEXT).set("tie_word_embeddings", true).text())
                .isEqualTo(
                        TEXT.replace(
                                "\"float16\"\n",
                                "\"float16\",\n  \"tie_word_embeddings\": true\n"));
        assertThat(new ConfigEdit("{\"a\":1,\"b\":2}").set("c", "d").text())
                .isEqualTo("{\"a\":1,\"b\":2,\"c\": \"d\"}");
        assertThat(new ConfigEdit("{}").set("a", 1).text()).isEqualTo("{\"a\": 1}");
        assertThat(new ConfigEdit(TEXT).set("text_config.x.y", 1).text())
                .isEqualTo(TEXT.replace("{}", "{\"y\": 1}"));
    }

    @Test
    void readsEscapesBracesAndQuotesInStringsRight() {
        String text =
                "{\"a\\\"}\": \"]}{\\\\\", \"\\u0062\": [\"}\", {\"c\": \"\\\"\"}], \"c\": null}";
        assertThat(new ConfigEdit(text).set("b", 1).text())
                .isEqualTo("{\"a\\\"}\": \"]}{\\\\\", \"\\u0062\": 1, \"c\": null}");
        assertThat(new ConfigEdit(text).set("c", "say \"x\"").text())
                .isEqualTo(text.replace("null", "\"say \\\"x\\\"\""));
    }

    @Test
    void ofTwoEqualKeysTheLastCountsAsForParsers() {
        assertThat(new ConfigEdit("{\"a\": 1, \"a\": 2}").set("a", 3).text())
                .isEqualTo("{\"a\": 1, \"a\": 3}");
    }

    @Test
    void keepsForeignLineEndsAndTabs() {
        String text = "{\r\n\t\"a\": 1,\r\n\t\"b\": 2\r\n}";
        assertThat(new ConfigEdit(text).set("c", 3).text())
                .isEqualTo("{\r\n\t\"a\": 1,\r\n\t\"b\": 2,\r\n\t\"c\": 3\r\n}");
    }

    @Test
    void refusesAPathThroughWhatIsNoObject() {
        assertThatThrownBy(() -> new ConfigEdit(TEXT).set("eos.x", 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("`eos`");
    }
}
