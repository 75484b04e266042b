package io.accrete.protocol.model;

import com.fasterxml.jackson.databind.JsonNode;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/** Reads the numbers of a model and collects why it cannot be computed with. */
final class LlamaConfigReader {
    private static final Set<String> FAMILIES = Set.of("llama", "mistral", "qwen2");
    private static final double DEFAULT_THETA = 10_000;
    private static final double DEFAULT_EPSILON = 1e-6;

    private final ModelFolder folder;
    private final ModelConfig config;
    private final List<String> reasons = new ArrayList<>();

    LlamaConfigReader(ModelFolder folder) throws ModelFileException {
        this.folder = folder;
        this.config =
                folder.config()
                        .orElseThrow(
                                () ->
                                        new ModelFileException(
                                                FolderFault.CONFIG_MISSING,
                                                FolderFault.CONFIG_MISSING.meaning()));
    }

    LlamaConfig read() throws ModelFileException {
        checkFamily();
        int hidden = size("hidden_size", config.hidden());
        int heads = size("num_attention_heads", config.heads());
        int kvHeads = size("num_key_value_heads", config.kvHeads());
        if (heads > 0 && kvHeads > 0 && heads % kvHeads != 0) {
            reasons.add(
                    "num_attention_heads %d is no multiple of num_key_value_heads %d"
                            .formatted(heads, kvHeads));
        }
        int headDim = size("head_dim", config.headDim());
        if (headDim % 2 != 0) {
            reasons.add("head_dim %d is odd; rotary embeddings need pairs".formatted(headDim));
        }
        int positions =
                (int)
                        config.find("max_position_embeddings")
                                .map(JsonNode::asLong)
                                .orElse(0L)
                                .longValue();
        LlamaConfig read =
                new LlamaConfig(
                        size("num_hidden_layers", config.layers()),
                        hidden,
                        heads,
                        kvHeads,
                        headDim,
                        size("intermediate_size", config.ffn()),
                        size("vocab_size", config.vocab()),
                        number("rms_norm_eps", DEFAULT_EPSILON),
                        activation(),
                        rope(positions),
                        biases(),
                        tied(),
                        positions,
                        window());
        checkTensors(read);
        if (!reasons.isEmpty()) {
            throw new ModelFileException(FolderFault.NOT_COMPUTABLE, String.join("; ", reasons));
        }
        return read;
    }

    private void checkFamily() {
        String type = config.find("model_type").map(JsonNode::asText).orElse("");
        String name = config.architecture().orElse(type);
        boolean known =
                FAMILIES.contains(type)
                        || type.isEmpty()
                                && FAMILIES.stream()
                                        .anyMatch(f -> name.equalsIgnoreCase(f + "ForCausalLM"));
        if (!known) {
            reasons.add(
                    "`%s` models are merged, but not computed with; computed with are those of model_type llama, mistral and qwen2"
                            .formatted(type.isEmpty() ? name : type));
        }
        config.find("partial_rotary_factor")
                .filter(factor -> factor.asDouble(1) != 1)
                .ifPresent(
                        f -> reasons.add("partial_rotary_factor " + f + " is not computed with"));
    }

    private int size(String key, OptionalLong value) {
        if (value.isEmpty() || value.getAsLong() < 1 || value.getAsLong() > Integer.MAX_VALUE) {
            reasons.add(
                    "config.json says %s for %s, which must be at least 1"
                            .formatted(value.isEmpty() ? "nothing" : value.getAsLong(), key));
            return 0;
        }
        return (int) value.getAsLong();
    }

    private double number(String key, double otherwise) {
        Optional<JsonNode> value = config.find(key);
        if (value.isPresent() && !value.get().isNumber()) {
            reasons.add("%s is %s, not a number".formatted(key, value.get()));
        }
        return value.map(JsonNode::asDouble).orElse(otherwise);
    }

    private Activation activation() {
        String name =
                config.find("hidden_act")
                        .or(() -> config.find("hidden_activation"))
                        .map(JsonNode::asText)
                        .orElse("silu");
        Optional<Activation> known = Activation.named(name);
        if (known.isEmpty()) {
            reasons.add(
                    "hidden_act is %s; computed with are %s"
                            .formatted(name, Activation.allNames()));
        }
        return known.orElse(Activation.SILU);
    }

    private Rope rope(int positions) {
        double theta = config.ropeTheta().orElse(DEFAULT_THETA);
        Optional<JsonNode> scaling = config.ropeScaling();
        if (scaling.isEmpty()) {
            return new Rope(theta, new Rope.Scaling.None());
        }
        JsonNode rope = scaling.get();
        String type = rope.path("rope_type").asText(rope.path("type").asText());
        return new Rope(
                theta,
                switch (type) {
                    case "linear" -> new Rope.Scaling.Linear(part(rope, "factor"));
                    case "dynamic" ->
                            new Rope.Scaling.Dynamic(
                                    part(rope, "factor"),
                                    rope.path("original_max_position_embeddings")
                                            .asDouble(positions));
                    case "llama3" ->
                            new Rope.Scaling.Llama3(
                                    part(rope, "factor"),
                                    part(rope, "low_freq_factor"),
                                    part(rope, "high_freq_factor"),
                                    part(rope, "original_max_position_embeddings"));
                    default -> {
                        reasons.add(
                                "rope type %s is not computed with; default, linear, dynamic and llama3 are"
                                        .formatted(type));
                        yield new Rope.Scaling.None();
                    }
                });
    }

    private double part(JsonNode rope, String key) {
        JsonNode value = rope.path(key);
        if (!value.isNumber() || !(value.asDouble() > 0)) {
            reasons.add(
                    "the rope's %s is %s, which must be a number above 0"
                            .formatted(key, value.isMissingNode() ? "missing" : value));
            return 1;
        }
        return value.asDouble();
    }

    private List<Projection> biases() {
        return Arrays.stream(Projection.values())
                .filter(p -> folder.tensors().containsKey(LlamaConfig.layerTensor(0, p.bias())))
                .toList();
    }

    private boolean tied() {
        return folder.architecture().map(a -> a.tied(config)).orElse(false);
    }

    private OptionalInt window() {
        boolean used =
                config.find("use_sliding_window").map(use -> use.asBoolean(true)).orElse(true);
        return config.find("sliding_window")
                .filter(window -> used && window.canConvertToInt() && window.asInt() > 0)
                .map(window -> OptionalInt.of(window.asInt()))
                .orElse(OptionalInt.empty());
    }

    /** Files are mapped into memory, and numbers read where they lie. */
    private static boolean isAligned(TensorLocation there) {
        return !there.isPresent() || there.offset() % size(there) == 0;
    }

    private static int size(TensorLocation there) {
        return there.spec().dtype().bits() / Byte.SIZE;
    }

    /**
     * Each tensor that is computed with must be there, in its shape; no other may be in a layer.
     */
    private void checkTensors(LlamaConfig read) {
        if (!reasons.isEmpty()) {
            return;
        }
        Map<String, List<Long>> expected = LlamaShapes.of(read);
        if (read.tied()
                && !folder.tensors().containsKey(LlamaConfig.EMBEDDING)
                && folder.tensors().containsKey(LlamaConfig.HEAD)) {
            expected.remove(LlamaConfig.EMBEDDING);
            expected.put(LlamaConfig.HEAD, List.of((long) read.vocabulary(), (long) read.hidden()));
        }
        List<String> wrong = new ArrayList<>();
        expected.forEach(
                (name, shape) -> {
                    TensorLocation there = folder.tensors().get(name);
                    if (there == null) {
                        wrong.add("tensor `%s` is missing".formatted(name));
                    } else if (!there.spec().shape().extents().equals(shape)) {
                        wrong.add(
                                "tensor `%s` has shape %s, config.json makes it %s"
                                        .formatted(name, there.spec().shape(), shape));
                    } else if (!there.spec().dtype().isFloating()) {
                        wrong.add(
                                "tensor `%s` is of type %s, which is not computed with"
                                        .formatted(name, there.spec().dtype()));
                    } else if (!isAligned(there)) {
                        wrong.add(
                                "tensor `%s` begins at byte %d of its file, between two multiples of the %d bytes of a number; `accrete merge` with `merge_method: passthrough` writes the model anew, as it should lie"
                                        .formatted(name, there.offset(), size(there)));
                    }
                });
        folder.tensors().keySet().stream()
                .filter(name -> name.startsWith("model.layers.") && !expected.containsKey(name))
                .filter(name -> !name.endsWith("rotary_emb.inv_freq"))
                .forEach(name -> wrong.add("tensor `%s` has no place in a layer".formatted(name)));
        reasons.addAll(wrong.subList(0, Math.min(wrong.size(), 5)));
        if (wrong.size() > 5) {
            reasons.add("%d more tensors are wrong".formatted(wrong.size() - 5));
        }
    }
}
