package io.accrete.protocol.model;

import io.accrete.protocol.model.Architecture.Origin;
import io.accrete.protocol.model.Weight.Role;
import io.accrete.protocol.safetensors.Excerpt;
import io.accrete.protocol.tensor.Shape;
import io.accrete.protocol.tensor.TensorSpec;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** Compares what a configuration says with what the weights are. */
final class FolderChecks {

    private static final long MAX_LAYERS = 10_000;
    private static final long MAX_EXPERTS = 4_096;
    private static final long MAX_SIZE = 1L << 31;
    private static final long MAX_EXPERTS_OF_ALL_LAYERS = 200_000;

    private static final Pattern QUANTISED =
            Pattern.compile(
                    ".*\\.(SCB|weight_format|qweight|qzeros|g_idx|absmax|nested_absmax|quant_map"
                            + "|weight_packed|weight_scale|weight_scale_inv|weight_zero_point"
                            + "|quant_state\\..*)");

    /** As PEFT and the trainers of image models name the two halves of an update. */
    private static final Pattern ADAPTER =
            Pattern.compile("(^|[._])lora_((embedding_)?[AB]|down|up)([._]|$)");

    private final Path folder;
    private final ModelConfig config;
    private final List<Finding> findings;

    FolderChecks(Path folder, ModelConfig config, List<Finding> findings) {
        this.folder = folder;
        this.config = config;
        this.findings = findings;
    }

    /** Sizes that everything else is computed from; true if they are sane. */
    boolean checkSizes(Optional<Architecture> architecture, boolean weightsPresent) {
        boolean listed = architecture.filter(known -> known.origin() == Origin.TABLE).isPresent();
        int before = findings.size();
        checkSize("num_hidden_layers", config.layers(), MAX_LAYERS, listed);
        boolean needed = listed && !weightsPresent;
        checkSize("hidden_size", config.hidden(), MAX_SIZE, needed);
        checkSize("num_attention_heads", config.heads(), MAX_SIZE, needed);
        checkSize("num_key_value_heads", config.kvHeads(), MAX_SIZE, needed);
        checkSize("intermediate_size", config.ffn(), MAX_SIZE, needed);
        checkSize("vocab_size", config.vocab(), MAX_SIZE, needed);
        checkSize("num_local_experts", config.experts(), MAX_EXPERTS, false);
        if (Math.multiplyHigh(config.layers().orElse(0), config.experts().orElse(0)) != 0
                || config.layers().orElse(0) * config.experts().orElse(0)
                        > MAX_EXPERTS_OF_ALL_LAYERS) {
            add(
                    FolderFault.CONFIG_VALUE,
                    ModelConfig.FILE,
                    "the layers have more than %d experts together"
                            .formatted(MAX_EXPERTS_OF_ALL_LAYERS));
        }
        final boolean sane = findings.size() == before;
        config.quantisation()
                .ifPresent(
                        quantisation ->
                                add(
                                        FolderFault.QUANTISED,
                                        ModelConfig.FILE,
                                        ("`quantization_config` says that the weights are quantised"
                                                        + " (%s)")
                                                .formatted(
                                                        Excerpt.of(
                                                                quantisation
                                                                        .path("quant_method")
                                                                        .asText("?")))));
        return sane;
    }

    /**
     * What the tensors show.
     *
     * @param names of all tensors, those without a known shape too
     */
    void checkTensors(
            Optional<Architecture> architecture,
            Collection<String> names,
            Map<String, TensorLocation> tensors,
            boolean weightsPresent) {
        checkQuantised(names, tensors);
        checkAdapter(names);
        if (hasErrors()) {
            return;
        }
        boolean layered =
                architecture.filter(known -> names.stream().anyMatch(known::isInLayer)).isPresent();
        if (!layered && (weightsPresent || !names.isEmpty())) {
            addNoLayers(names);
            return;
        }
        if (architecture.isEmpty() || tensors.isEmpty()) {
            return;
        }
        Architecture known = architecture.get();
        checkLayers(known, tensors);
        if (known.origin() == Origin.TABLE) {
            checkRequired(known, tensors);
            if (weightsPresent) {
                checkShapes(known, tensors);
            }
        }
    }

    private void checkAdapter(Collection<String> names) {
        List<String> adapter = names.stream().filter(FolderChecks::isOfAdapter).toList();
        if (!adapter.isEmpty()) {
            add(
                    FolderFault.ADAPTER,
                    "",
                    "the tensors are those of a LoRA adapter, which cannot be merged yet: "
                            + Names.list(adapter));
        }
    }

    private static boolean isOfAdapter(String tensor) {
        return ADAPTER.matcher(tensor).find();
    }

    private void addNoLayers(Collection<String> names) {
        String announced =
                config.layers().isPresent()
                        ? "config.json says %d layers, ".formatted(config.layers().getAsLong())
                        : "config.json does not say how many layers there are, ";
        String found =
                names.isEmpty()
                        ? "the weights are no tensors at all"
                        : "the weights have tensors of none: " + Names.list(names);
        add(FolderFault.NO_LAYERS, "", announced + found);
    }

    private void checkSize(String key, OptionalLong value, long max, boolean needed) {
        if (value.isEmpty() && needed) {
            add(
                    FolderFault.CONFIG_VALUE,
                    ModelConfig.FILE,
                    "`%s` is missing or not an integer".formatted(key));
        } else if (value.isPresent() && (value.getAsLong() < 1 || value.getAsLong() > max)) {
            add(
                    FolderFault.CONFIG_VALUE,
                    ModelConfig.FILE,
                    "`%s` is %d, allowed are 1 to %d".formatted(key, value.getAsLong(), max));
        }
    }

    /** Whether quantisers give tensors such names, beside the quantised matrix. */
    static boolean isQuantiserName(String tensor) {
        return QUANTISED.matcher(tensor).matches();
    }

    private void checkQuantised(Collection<String> names, Map<String, TensorLocation> tensors) {
        List<String> quantised = new ArrayList<>();
        for (String name : names) {
            if (isQuantiserName(name)) {
                quantised.add(name);
            }
        }
        for (TensorLocation tensor : tensors.values()) {
            TensorSpec spec = tensor.spec();
            if (!spec.dtype().isFloating()
                    && isMatrix(spec.name(), spec.shape())
                    && !isQuantiserName(spec.name())) {
                quantised.add(spec.name() + " " + spec.dtype());
            }
        }
        if (!quantised.isEmpty()) {
            add(FolderFault.QUANTISED, "", "quantised weights: " + Names.list(quantised));
        }
    }

    private static boolean isMatrix(String name, Shape shape) {
        return name.endsWith(".weight") && shape.extents().size() >= 2;
    }

    private void checkLayers(Architecture known, Map<String, TensorLocation> tensors) {
        TreeSet<Integer> found = new TreeSet<>();
        for (String tensor : tensors.keySet()) {
            if (known.place(tensor) instanceof TensorPlace.InLayer place) {
                found.add(place.layer());
            }
        }
        int layers = Math.toIntExact(config.layers().orElse(found.size()));
        List<String> missing =
                IntStream.range(0, layers)
                        .filter(layer -> !found.contains(layer))
                        .mapToObj(layer -> known.layerPrefix() + layer)
                        .toList();
        if (!missing.isEmpty()) {
            add(
                    FolderFault.LAYERS_DIFFER,
                    "",
                    "config.json says %d layers, the weights have %d of them and lack %s"
                            .formatted(layers, layers - missing.size(), Names.list(missing)));
        }
        if (!found.isEmpty() && found.last() >= layers) {
            add(
                    FolderFault.LAYERS_BEYOND,
                    "",
                    "config.json says %d layers, the weights go on to `%s%d`"
                            .formatted(layers, known.layerPrefix(), found.last()));
        }
    }

    private void checkRequired(Architecture known, Map<String, TensorLocation> tensors) {
        if (hasErrors()) {
            return;
        }
        boolean tied = known.tied(config);
        List<String> missing = new ArrayList<>();
        List<String> unkept = new ArrayList<>();
        for (String name : known.requiredTensors(config)) {
            boolean storedAsHead =
                    tied
                            && known.role(name) == Role.EMBEDDING
                            && known.head().filter(tensors::containsKey).isPresent();
            if (!tensors.containsKey(name) && !storedAsHead) {
                boolean claimed = known.weight(name).flatMap(Weight::when).isPresent();
                (claimed ? unkept : missing).add(name);
            }
        }
        if (!missing.isEmpty()) {
            add(
                    FolderFault.TENSOR_MISSING,
                    "",
                    "a %s has %s, these weights have not"
                            .formatted(known.name(), Names.list(missing)));
        }
        if (!unkept.isEmpty()) {
            add(
                    FolderFault.CLAIM_UNKEPT,
                    "",
                    "by config.json this model has %s, its weights have not"
                            .formatted(Names.list(unkept)));
        }
    }

    private void checkShapes(Architecture known, Map<String, TensorLocation> tensors) {
        List<String> differing = new ArrayList<>();
        for (TensorLocation tensor : tensors.values()) {
            Optional<Shape> implied = known.shape(tensor.spec().name(), config);
            if (implied.isPresent() && !implied.get().equals(tensor.spec().shape())) {
                differing.add(
                        "%s %s instead of %s"
                                .formatted(
                                        tensor.spec().name(),
                                        tensor.spec().shape(),
                                        implied.get()));
            }
        }
        if (!differing.isEmpty()) {
            add(
                    FolderFault.SHAPE_DIFFERS,
                    ModelConfig.FILE,
                    "the weights have other shapes than config.json implies: %s"
                            .formatted(Names.list(differing)));
        }
    }

    private boolean hasErrors() {
        return findings.stream().anyMatch(Finding::isError);
    }

    private void add(FolderFault fault, String file, String sentence) {
        findings.add(Finding.of(fault, file.isEmpty() ? folder : folder.resolve(file), sentence));
    }
}
