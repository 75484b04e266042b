package io.accrete.worker.train;

import io.accrete.protocol.model.LlamaConfig;
import io.accrete.protocol.train.AddedParameters;
import io.accrete.protocol.train.LoraSettings;
import io.accrete.protocol.train.ParameterSettings;
import io.accrete.protocol.train.SiteRange;
import io.accrete.worker.nn.Use;
import io.accrete.worker.tensor.LayerForm;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Which stage has which sites, and so which parameters: one that is used on several stages belongs
 * to the stage of its first use, and the others hold copies.
 */
public final class PipelineMap {
    private final LlamaConfig config;
    private final AddedParameters added;
    private final List<List<SiteRange>> slices;
    private final Map<String, ParameterSettings> byTensor = new HashMap<>();
    private final SortedMap<Use, Integer> stages = new TreeMap<>();

    /**
     * @param config of the model after surgery
     * @param added beside the model's own parameters
     * @param slices of each stage; slice v of stage s is part {@code v * stages + s} of the model
     */
    public PipelineMap(
            LlamaConfig config,
            AddedParameters added,
            List<List<SiteRange>> slices,
            List<ParameterSettings> parameters) {
        this.config = config;
        this.added = added;
        this.slices = slices.stream().map(List::copyOf).toList();
        parameters.forEach(p -> p.sites().forEach(tensor -> byTensor.put(tensor, p)));
        for (int stage = 0; stage < slices.size(); stage++) {
            for (SiteRange slice : slices.get(stage)) {
                add(stage, slice);
            }
        }
    }

    private void add(int stage, SiteRange slice) {
        if (slice.first() == 0) {
            stages.put(new Use(LlamaConfig.EMBEDDING, Use.EMBEDDING), stage);
        }
        for (int site = slice.first(); site < slice.end(); site++) {
            for (String tensor : tensors(site)) {
                stages.put(new Use(settings(tensor).name(), site), stage);
            }
        }
        if (slice.end() == config.layers()) {
            stages.put(new Use(LlamaConfig.FINAL_NORM, Use.HEAD), stage);
            stages.put(new Use(head(), Use.HEAD), stage);
        }
    }

    /** Names of all tensors of a site, in the order of the arithmetic. */
    List<String> tensors(int site) {
        return Stream.concat(config.layerTensors(site).stream(), added.names(site).stream())
                .toList();
    }

    /** What the arithmetic has to know of a site. */
    LayerForm form(int site) {
        return LayerForm.of(config)
                .with(
                        added.gates().containsKey(site),
                        added.targets(),
                        added.lora().map(LoraSettings::scale).orElse(0.0));
    }

    LlamaConfig config() {
        return config;
    }

    AddedParameters added() {
        return added;
    }

    public int count() {
        return slices.size();
    }

    /** Which part of the model a slice is, counted from 0 in the order of the model. */
    int part(int stage, int slice) {
        return slice * slices.size() + stage;
    }

    /** The part of the model that has a site. */
    int partOf(int site) {
        for (int stage = 0; stage < slices.size(); stage++) {
            for (int slice = 0; slice < slices.get(stage).size(); slice++) {
                SiteRange range = slices.get(stage).get(slice);
                if (range.first() <= site && site < range.end()) {
                    return part(stage, slice);
                }
            }
        }
        throw new IllegalArgumentException("no stage has site " + site);
    }

    /** All slices of all stages. */
    int parts() {
        return slices.stream().mapToInt(List::size).sum();
    }

    List<SiteRange> slices(int stage) {
        return slices.get(stage);
    }

    /** Name of the parameter that is the head's matrix. */
    String head() {
        return config.tied() ? LlamaConfig.EMBEDDING : LlamaConfig.HEAD;
    }

    /** Of the parameter that a tensor of the model is. */
    ParameterSettings settings(String tensor) {
        ParameterSettings settings = byTensor.get(tensor);
        if (settings == null) {
            throw new IllegalArgumentException("no parameter is `" + tensor + "`");
        }
        return settings;
    }

    /** The stage of each use of a parameter, in order. */
    SortedMap<Use, Integer> uses(String parameter) {
        return stages.subMap(
                new Use(parameter, Use.EMBEDDING), new Use(parameter + '\0', Use.EMBEDDING));
    }

    /** The stage that keeps a parameter's moments. */
    int owner(String parameter) {
        return uses(parameter).firstEntry().getValue();
    }

    /**
     * Uses, on stage {@code user}, of parameters that learn and belong to another one; in order.
     */
    List<Use> usesElsewhere(int owner, int user) {
        return stages.entrySet().stream()
                .filter(use -> use.getValue() == user && user != owner)
                .map(Map.Entry::getKey)
                .filter(use -> settings(use.parameter()).trained())
                .filter(use -> owner(use.parameter()) == owner)
                .toList();
    }

    /** Names of the parameters that they are uses of, sorted. */
    List<String> sharedWith(int owner, int user) {
        return usesElsewhere(owner, user).stream().map(Use::parameter).distinct().toList();
    }

    /** Names of the parameters that are used on a stage, sorted. */
    List<String> on(int stage) {
        return stages.entrySet().stream()
                .filter(use -> use.getValue() == stage)
                .map(use -> use.getKey().parameter())
                .distinct()
                .toList();
    }

    /** Whether anything before a site learns. */
    boolean learnsBelow(int site) {
        return stages.keySet().stream()
                .anyMatch(use -> use.site() < site && settings(use.parameter()).trained());
    }
}
