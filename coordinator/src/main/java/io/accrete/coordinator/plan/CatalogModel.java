package io.accrete.coordinator.plan;

import io.accrete.coordinator.recipe.ModelName;
import io.accrete.coordinator.yaml.Position;
import io.accrete.protocol.model.Architecture;
import io.accrete.protocol.model.ModelConfig;
import io.accrete.protocol.model.ModelFolder;
import io.accrete.protocol.model.TensorLocation;
import io.accrete.protocol.model.TensorPlace;
import io.accrete.protocol.store.FileIdentity;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.TreeSet;

/** A model of a recipe: its tensors by their place, as configuration and headers tell. */
public final class CatalogModel {
    private final ModelName name;
    private final Position at;
    private final ModelFolder folder;
    private final ModelConfig config;
    private final Architecture architecture;
    private final TokenizerFiles tokenizer;
    private final boolean onOutputVolume;
    private final Map<Integer, SortedSet<String>> layers = new HashMap<>();
    private final Map<OuterRole, SortedSet<String>> outer = new EnumMap<>(OuterRole.class);

    /**
     * @param at where the recipe names it first
     * @param onOutputVolume whether its files lie on the output's file system
     */
    public CatalogModel(
            ModelName name,
            Position at,
            ModelFolder folder,
            ModelConfig config,
            Architecture architecture,
            TokenizerFiles tokenizer,
            boolean onOutputVolume) {
        this.name = name;
        this.at = at;
        this.folder = folder;
        this.config = config;
        this.architecture = architecture;
        this.tokenizer = tokenizer;
        this.onOutputVolume = onOutputVolume;
        folder.tensors().keySet().forEach(this::sort);
    }

    private void sort(String tensor) {
        switch (architecture.place(tensor)) {
            case TensorPlace.InLayer(int layer, String suffix) ->
                    layers.computeIfAbsent(layer, l -> new TreeSet<>()).add(suffix);
            case TensorPlace.Before _ -> sort(tensor, OuterRole.BEFORE);
            case TensorPlace.After _ -> sort(tensor, OuterRole.AFTER);
        }
    }

    private void sort(String tensor, OuterRole role) {
        boolean matrix = isNamed(tensor, embeddingName()) || isNamed(tensor, headName());
        if (!matrix) {
            outer.computeIfAbsent(role, r -> new TreeSet<>()).add(tensor);
        }
    }

    private static boolean isNamed(String tensor, Optional<String> name) {
        return name.map(tensor::equals).orElse(false);
    }

    /** A tensor under the name that its architecture gives it, if the model has it. */
    record Wanted(String name, Optional<TensorLocation> location) {}

    ModelName name() {
        return name;
    }

    /** As it stands in the recipe. */
    String label() {
        return name.toString();
    }

    Position at() {
        return at;
    }

    ModelFolder folder() {
        return folder;
    }

    ModelConfig config() {
        return config;
    }

    /** As its configuration, or the recipe in its place, calls it. */
    String architectureName() {
        return architecture.name();
    }

    Architecture architecture() {
        return architecture;
    }

    TokenizerFiles tokenizer() {
        return tokenizer;
    }

    boolean onOutputVolume() {
        return onOutputVolume;
    }

    int layers() {
        return (int) Math.min(config.layers().orElse(layers.size()), Integer.MAX_VALUE);
    }

    String layerName(int layer, String suffix) {
        return architecture.layerTensor(layer, suffix);
    }

    /** Names of tensors in a layer, without what is common to the layer. */
    SortedSet<String> suffixes(int layer) {
        return layers.getOrDefault(layer, new TreeSet<>());
    }

    /** The layer that a tensor is in, if any. */
    OptionalInt layerOf(String tensor) {
        return architecture.place(tensor) instanceof TensorPlace.InLayer(int layer, String _)
                ? OptionalInt.of(layer)
                : OptionalInt.empty();
    }

    /** Tensors outside the layers, without embedding and head. */
    SortedSet<String> outer(OuterRole role) {
        return outer.getOrDefault(role, new TreeSet<>());
    }

    Optional<String> embeddingName() {
        return architecture.embedding();
    }

    Optional<String> headName() {
        return architecture.head();
    }

    Wanted tensor(String tensor) {
        return new Wanted(tensor, Optional.ofNullable(folder.tensors().get(tensor)));
    }

    /** The embedding; of a tied model the one matrix, under whichever name it is stored. */
    Wanted embedding(String otherwiseNamed) {
        return new Wanted(
                embeddingName().orElse(otherwiseNamed),
                stored(embeddingName()).or(() -> tied() ? stored(headName()) : Optional.empty()));
    }

    /** The head, or the embedding where that is used as head. */
    Wanted head(String otherwiseNamed) {
        return new Wanted(
                headName().orElse(otherwiseNamed),
                stored(headName()).or(() -> stored(embeddingName())));
    }

    private Optional<TensorLocation> stored(Optional<String> tensor) {
        return tensor.flatMap(t -> Optional.ofNullable(folder.tensors().get(t)));
    }

    /** Whether embedding and head are one matrix. */
    boolean tied() {
        return architecture.tied(config);
    }

    boolean hasOwnHead() {
        return stored(headName()).isPresent() && !storesOnlyHead();
    }

    /** Whether the one matrix of a tied model is stored under the name of the head. */
    boolean storesOnlyHead() {
        return tied() && stored(headName()).isPresent() && stored(embeddingName()).isEmpty();
    }

    /** Whether every model of the architecture has that tensor. */
    boolean expects(String tensor) {
        return isNamed(tensor, embeddingName())
                || architecture.weight(tensor).map(w -> w.isRequired(config)).orElse(false);
    }

    FileIdentity file(TensorLocation location) {
        if (location.file() == TensorLocation.NOWHERE) {
            return new FileIdentity(folder.path().toString(), 0, 0, "");
        }
        var file = folder.files().get(location.file());
        return file.identity().orElse(new FileIdentity(file.path().toString(), 0, 0, ""));
    }

    /** In which sizes two models differ, by their configurations. */
    Optional<String> sizesUnlike(CatalogModel other) {
        List<String> differences = new ArrayList<>();
        compare("hidden_size", config.hidden(), other.config.hidden(), differences);
        compare("intermediate_size", config.ffn(), other.config.ffn(), differences);
        compare("num_attention_heads", config.heads(), other.config.heads(), differences);
        compare("num_key_value_heads", config.kvHeads(), other.config.kvHeads(), differences);
        compare("head_dim", config.headDim(), other.config.headDim(), differences);
        return differences.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        "'%s' against '%s': %s"
                                .formatted(label(), other.label(), String.join(", ", differences)));
    }

    private static void compare(
            String key, OptionalLong ours, OptionalLong theirs, List<String> differences) {
        if (!ours.equals(theirs)) {
            differences.add("%s %s and %s".formatted(key, words(ours), words(theirs)));
        }
    }

    private static String words(OptionalLong value) {
        return value.isPresent() ? Long.toString(value.getAsLong()) : "unset";
    }
}
