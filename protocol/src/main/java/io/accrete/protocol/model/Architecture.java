package io.accrete.protocol.model;

import com.fasterxml.jackson.databind.JsonNode;

import io.accrete.protocol.model.Weight.Role;
import io.accrete.protocol.tensor.Shape;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.regex.Pattern;

/**
 * How the models of one kind name their tensors and count their layers.
 *
 * <p>Nothing is dropped: a tensor that the architecture does not list still has a place.
 *
 * @param name as in {@code architectures} of config.json
 * @param origin how it is known
 * @param layerPrefix what comes before the number of a layer, e.g. {@code model.layers.}
 * @param tiedByDefault whether embedding and head are one matrix if the configuration is silent
 * @param complete whether the listed weights are all that a model needs
 * @param before tensors before the first layer, by name
 * @param layer tensors of a layer, by name inside of the layer
 * @param after tensors after the last layer, by name
 */
public record Architecture(
        String name,
        Origin origin,
        String layerPrefix,
        boolean tiedByDefault,
        boolean complete,
        Map<String, Weight> before,
        Map<String, Weight> layer,
        Map<String, Weight> after) {

    /** Keys under which configurations say how many layers there are. */
    public static final List<String> LAYER_COUNT_KEYS =
            List.of("num_hidden_layers", "n_layer", "num_layers", "n_layers");

    private static final Set<String> PER_LAYER_LISTS =
            Set.of("block_types", "attn_type_list", "sliding_window_layout");
    private static final List<String> LAYER_INDEX_LISTS =
            List.of("mlp_only_layers", "full_attn_idxs", "cross_attention_layers");

    private static final Pattern EXPERT = Pattern.compile("(?<=experts\\.)\\d+(?=\\.)");
    private static final int MAX_LAYER_DIGITS = 6;

    public Architecture {
        before = Collections.unmodifiableMap(new LinkedHashMap<>(before));
        layer = Collections.unmodifiableMap(new LinkedHashMap<>(layer));
        after = Collections.unmodifiableMap(new LinkedHashMap<>(after));
    }

    /** How an architecture is known. */
    public enum Origin {
        /** Its weights and shapes are listed. */
        TABLE,
        /** Its layers are told from the names of the tensors; shapes only from the weights. */
        INFERRED
    }

    /**
     * The architecture of a model: from the table, or inferred from the names of its tensors.
     *
     * @param tensors names of all tensors; empty if they are not known
     */
    public static Optional<Architecture> of(ModelConfig config, Collection<String> tensors) {
        Optional<Architecture> listed =
                config.architecture()
                        .flatMap(name -> ArchitectureTable.find(name, tensors))
                        .filter(known -> tensors.isEmpty() || known.hasLayersIn(tensors));
        return listed.or(() -> ArchitectureInference.infer(config, tensors));
    }

    private boolean hasLayersIn(Collection<String> tensors) {
        return tensors.stream().anyMatch(this::isInLayer);
    }

    /** Whether a tensor of that name belongs to a numbered layer. */
    public boolean isInLayer(String tensor) {
        return place(tensor) instanceof TensorPlace.InLayer;
    }

    /** Numbered groups beside the layers, such as an encoder's, and how many layers they have. */
    public SortedMap<String, Integer> otherLayers(Collection<String> tensors) {
        return ArchitectureInference.layerCounts(
                tensors.stream().filter(tensor -> !isInLayer(tensor)).toList());
    }

    /** Where a tensor of that name belongs. */
    public TensorPlace place(String tensor) {
        if (tensor.startsWith(layerPrefix)) {
            int end = layerPrefix.length();
            while (end < tensor.length() && isDigit(tensor.charAt(end))) {
                end++;
            }
            int digits = end - layerPrefix.length();
            if (digits > 0
                    && digits <= MAX_LAYER_DIGITS
                    && end < tensor.length()
                    && tensor.charAt(end) == '.') {
                return new TensorPlace.InLayer(
                        Integer.parseInt(tensor, layerPrefix.length(), end, 10),
                        tensor.substring(end + 1));
            }
        }
        return after.containsKey(tensor) || !before.containsKey(tensor) && isLate(tensor)
                ? new TensorPlace.After()
                : new TensorPlace.Before();
    }

    /** Name of the tensor {@code suffix} in a layer. */
    public String layerTensor(int layer, String suffix) {
        return layerPrefix + layer + "." + suffix;
    }

    /** What the architecture says of a tensor, if it lists it. */
    public Optional<Weight> weight(String tensor) {
        return Optional.ofNullable(
                switch (place(tensor)) {
                    case TensorPlace.Before _ -> before.get(tensor);
                    case TensorPlace.After _ -> after.get(tensor);
                    case TensorPlace.InLayer place -> layer.get(ofAnyExpert(place.suffix()));
                });
    }

    public Role role(String tensor) {
        return weight(tensor).map(Weight::role).orElse(Role.OTHER);
    }

    /** The matrix that turns tokens into vectors. */
    public Optional<String> embedding() {
        return named(before, Role.EMBEDDING);
    }

    /** The matrix that turns vectors into scores of tokens. */
    public Optional<String> head() {
        return named(after, Role.HEAD);
    }

    /** Whether embedding and head are one matrix, which may be stored under either name. */
    public boolean tied(ModelConfig config) {
        return config.tied().orElse(tiedByDefault);
    }

    /** The shape that a tensor has according to the configuration, if the table says. */
    public Optional<Shape> shape(String tensor, ModelConfig config) {
        Optional<List<SizeFormula>> formulas = weight(tensor).flatMap(Weight::shape);
        if (formulas.isEmpty()) {
            return Optional.empty();
        }
        try {
            List<Long> extents = new ArrayList<>();
            for (SizeFormula formula : formulas.get()) {
                OptionalLong extent = formula.in(config);
                if (extent.isEmpty()) {
                    return Optional.empty();
                }
                extents.add(extent.getAsLong());
            }
            Shape shape = new Shape(extents);
            return Math.multiplyExact(shape.elements(), (long) Long.SIZE) < 0
                    ? Optional.empty()
                    : Optional.of(shape);
        } catch (ArithmeticException e) {
            return Optional.empty();
        }
    }

    /** Names of all tensors that a model of that configuration must have; of tied ones only one. */
    public List<String> requiredTensors(ModelConfig config) {
        List<String> names = new ArrayList<>();
        before.forEach((name, weight) -> addRequired(names, name, weight, config));
        for (int i = 0; i < config.layers().orElse(0); i++) {
            int index = i;
            layer.forEach(
                    (suffix, weight) ->
                            addRequired(names, layerTensor(index, suffix), weight, config));
        }
        after.forEach(
                (name, weight) -> {
                    if (weight.role() != Role.HEAD || !tied(config)) {
                        addRequired(names, name, weight, config);
                    }
                });
        return names;
    }

    /** Paths of the configuration's lists that have one entry per layer. */
    public List<String> perLayerLists(ModelConfig config) {
        List<String> paths = new ArrayList<>();
        config.root().properties().forEach(e -> addList(paths, e.getKey(), e, config));
        config.root()
                .path("text_config")
                .properties()
                .forEach(e -> addList(paths, "text_config." + e.getKey(), e, config));
        return paths;
    }

    /** Paths of the configuration's lists whose entries are numbers of layers. */
    public List<String> layerIndexLists(ModelConfig config) {
        return LAYER_INDEX_LISTS.stream()
                .flatMap(key -> config.locate(key).stream())
                .filter(path -> config.at(path).filter(JsonNode::isArray).isPresent())
                .toList();
    }

    private static void addList(
            List<String> paths,
            String path,
            Map.Entry<String, JsonNode> entry,
            ModelConfig config) {
        boolean named =
                entry.getKey().contains("layer") || PER_LAYER_LISTS.contains(entry.getKey());
        if (named
                && !LAYER_INDEX_LISTS.contains(entry.getKey())
                && entry.getValue().isArray()
                && entry.getValue().size() == config.layers().orElse(-1)) {
            paths.add(path);
        }
    }

    private static void addRequired(
            List<String> names, String name, Weight weight, ModelConfig config) {
        if (!weight.isRequired(config)) {
            return;
        }
        if (!name.contains("{expert}")) {
            names.add(name);
            return;
        }
        for (long expert = 0; expert < config.experts().orElse(0); expert++) {
            names.add(name.replace("{expert}", Long.toString(expert)));
        }
    }

    private static Optional<String> named(Map<String, Weight> weights, Role role) {
        return weights.entrySet().stream()
                .filter(entry -> entry.getValue().role() == role)
                .map(Map.Entry::getKey)
                .findFirst();
    }

    private static String ofAnyExpert(String suffix) {
        return suffix.contains("experts.")
                ? EXPERT.matcher(suffix).replaceFirst("{expert}")
                : suffix;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isLate(String tensor) {
        return ArchitectureInference.isLate(tensor);
    }
}
