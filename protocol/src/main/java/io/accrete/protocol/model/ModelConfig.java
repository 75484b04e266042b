package io.accrete.protocol.model;

import com.fasterxml.jackson.databind.JsonNode;

import io.accrete.protocol.tensor.DType;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * A model's configuration: the text of {@code config.json} as its owner wrote it, and what it says.
 *
 * <p>Values are looked for at the top, then in the configuration of the text part of models with
 * several parts.
 */
public record ModelConfig(String text, JsonNode root) {

    public static final String FILE = "config.json";
    public static final int MAX_BYTES = 4 << 20;

    private static final List<String> PARTS = List.of("", "text_config.", "llm_config.");

    public static ModelConfig parse(String text) throws ModelFileException {
        return new ModelConfig(text, ModelJson.object(text, FolderFault.CONFIG_UNREADABLE));
    }

    static ModelConfig read(Path file) throws IOException {
        return parse(ModelJson.text(file, MAX_BYTES, FolderFault.CONFIG_UNREADABLE));
    }

    /** First of {@code architectures}, e.g. {@code LlamaForCausalLM}. */
    public Optional<String> architecture() {
        JsonNode first = root.path("architectures").path(0);
        return first.isTextual() ? Optional.of(first.textValue()) : Optional.empty();
    }

    public Optional<String> modelType() {
        return at("model_type").filter(JsonNode::isTextual).map(JsonNode::textValue);
    }

    public OptionalLong layers() {
        return integer(Architecture.LAYER_COUNT_KEYS);
    }

    public OptionalLong hidden() {
        return integer(List.of("hidden_size", "n_embd", "d_model"));
    }

    public OptionalLong heads() {
        return integer(List.of("num_attention_heads", "n_head", "n_heads"));
    }

    /** As many as {@link #heads()} if the configuration does not say. */
    public OptionalLong kvHeads() {
        OptionalLong own = integer(List.of("num_key_value_heads"));
        return own.isPresent() ? own : heads();
    }

    /** The hidden size divided by the number of heads if the configuration does not say. */
    public OptionalLong headDim() {
        OptionalLong own = integer(List.of("head_dim"));
        if (own.isPresent() || hidden().isEmpty() || heads().orElse(0) == 0) {
            return own;
        }
        return OptionalLong.of(hidden().getAsLong() / heads().getAsLong());
    }

    public OptionalLong ffn() {
        return integer(List.of("intermediate_size", "n_inner", "ffn_hidden_size"));
    }

    /** Size of one expert's hidden layer in mixtures of experts. */
    public OptionalLong expertFfn() {
        return integer(List.of("moe_intermediate_size"));
    }

    public OptionalLong vocab() {
        return integer(List.of("vocab_size"));
    }

    public OptionalLong experts() {
        return integer(List.of("num_local_experts", "num_experts", "n_routed_experts"));
    }

    /** Whether embedding and head are one matrix, if the configuration says. */
    public Optional<Boolean> tied() {
        return find("tie_word_embeddings").filter(JsonNode::isBoolean).map(JsonNode::booleanValue);
    }

    /**
     * Path of the key under which the element type stands: {@code torch_dtype} or {@code dtype}.
     */
    public Optional<String> dtypeKey() {
        return PARTS.stream()
                .flatMap(part -> List.of(part + "torch_dtype", part + "dtype").stream())
                .filter(key -> at(key).filter(JsonNode::isTextual).isPresent())
                .findFirst();
    }

    /** The element type, if it is one that a merge computes with. */
    public Optional<DType> dtype() {
        return dtypeKey().flatMap(this::at).flatMap(value -> dtype(value.textValue()));
    }

    /** The element type that Python calls {@code name}. */
    public static Optional<DType> dtype(String name) {
        return switch (name.startsWith("torch.") ? name.substring("torch.".length()) : name) {
            case "float16", "half" -> Optional.of(DType.F16);
            case "bfloat16" -> Optional.of(DType.BF16);
            case "float32", "float" -> Optional.of(DType.F32);
            case "float64", "double" -> Optional.of(DType.F64);
            default -> Optional.empty();
        };
    }

    /** Base of the rotary embedding, in either spelling. */
    public OptionalDouble ropeTheta() {
        return find("rope_theta")
                .or(() -> find("rope_parameters.rope_theta"))
                .filter(JsonNode::isNumber)
                .map(value -> OptionalDouble.of(value.doubleValue()))
                .orElse(OptionalDouble.empty());
    }

    /** How the rotary embedding is stretched, in either spelling; absent if it is not. */
    public Optional<JsonNode> ropeScaling() {
        return find("rope_scaling")
                .or(() -> find("rope_parameters"))
                .filter(JsonNode::isObject)
                .filter(
                        rope ->
                                !rope.path("rope_type")
                                        .asText(rope.path("type").asText("default"))
                                        .equals("default"));
    }

    /** What {@code quantization_config} says, if the weights are quantised. */
    public Optional<JsonNode> quantisation() {
        return find("quantization_config").filter(JsonNode::isObject);
    }

    /** Whether that value is there and true. */
    public boolean isTrue(String keyPath) {
        return find(keyPath).map(value -> value.asBoolean(false)).orElse(false);
    }

    /** The value at keys joined by dots, if there is one and it is not null. */
    public Optional<JsonNode> at(String keyPath) {
        JsonNode node = root;
        int start = 0;
        for (int dot = keyPath.indexOf('.'); dot >= 0; dot = keyPath.indexOf('.', start)) {
            node = node.path(keyPath.substring(start, dot));
            start = dot + 1;
        }
        node = node.path(keyPath.substring(start));
        return node.isMissingNode() || node.isNull() ? Optional.empty() : Optional.of(node);
    }

    /** As {@link #at}, at the top or in the text part. */
    public Optional<JsonNode> find(String keyPath) {
        return locate(keyPath).flatMap(this::at);
    }

    /** Where {@link #find} finds it. */
    public Optional<String> locate(String keyPath) {
        for (String part : PARTS) {
            String path = part + keyPath;
            if (at(path).isPresent()) {
                return Optional.of(path);
            }
        }
        return Optional.empty();
    }

    private OptionalLong integer(List<String> keys) {
        for (String key : keys) {
            Optional<JsonNode> value =
                    find(key).filter(node -> node.isIntegralNumber() && node.canConvertToLong());
            if (value.isPresent()) {
                return OptionalLong.of(value.get().longValue());
            }
        }
        return OptionalLong.empty();
    }
}
