package io.accrete.coordinator.train;

import io.accrete.protocol.merge.Lineage;
import io.accrete.protocol.model.Architecture;
import io.accrete.protocol.model.LlamaConfig;
import io.accrete.protocol.model.ModelConfig;
import io.accrete.protocol.model.Projection;
import io.accrete.protocol.model.TensorPlace;
import io.accrete.protocol.tensor.DType;
import io.accrete.protocol.tensor.Shape;
import io.accrete.protocol.tensor.TensorSpec;
import io.accrete.protocol.train.AddedParameters;
import io.accrete.protocol.train.TrainJob;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The model that a job trains, known by its headers.
 *
 * @param tensors by name, layers by site
 * @param lineage where its sites come from
 * @param weightsPresent whether the weights are there, or only headers or the configuration
 */
public record TrainedModel(
        ModelConfig config,
        Architecture architecture,
        SortedMap<String, TensorSpec> tensors,
        Lineage lineage,
        boolean weightsPresent) {
    public TrainedModel {
        tensors = Collections.unmodifiableSortedMap(new TreeMap<>(tensors));
    }

    public int layers() {
        return lineage.sites().size();
    }

    /** Numbers in its own tensors. */
    public long parameters() {
        return tensors.values().stream()
                .filter(spec -> !AddedParameters.isAdded(spec.name()))
                .mapToLong(spec -> spec.shape().elements())
                .sum();
    }

    /** With the sites that a job gives it, if it gives any. */
    public TrainedModel as(TrainJob job) {
        return job.sites().isEmpty() ? this : choose(job.sites());
    }

    SortedMap<String, Shape> shapes() {
        SortedMap<String, Shape> shapes = new TreeMap<>();
        tensors.forEach((name, spec) -> shapes.put(name, spec.shape()));
        return shapes;
    }

    /** The model with parameters that it has while it is trained. */
    TrainedModel with(AddedParameters added) {
        SortedMap<String, TensorSpec> all = new TreeMap<>(tensors);
        added.shapes(layers(), this::matrix)
                .forEach((name, shape) -> all.put(name, new TensorSpec(name, DType.F32, shape)));
        return new TrainedModel(config, architecture, all, lineage, weightsPresent);
    }

    Shape matrix(int site, Projection projection) {
        TensorSpec spec = tensors.get(LlamaConfig.layerTensor(site, projection.weight()));
        if (spec == null) {
            throw new IllegalArgumentException(
                    "site %d has no %s".formatted(site, projection.weight()));
        }
        return spec.shape();
    }

    /**
     * The model whose sites are layers of this one.
     *
     * @param layers for each site the layer of this model that it comes from
     */
    private TrainedModel choose(List<Integer> layers) {
        Map<Integer, List<Integer>> sites = new TreeMap<>();
        for (int site = 0; site < layers.size(); site++) {
            sites.computeIfAbsent(layers.get(site), layer -> new ArrayList<>()).add(site);
        }
        SortedMap<String, TensorSpec> chosen = new TreeMap<>();
        tensors.forEach(
                (name, spec) -> {
                    if (architecture.place(name) instanceof TensorPlace.InLayer in) {
                        for (int site : sites.getOrDefault(in.layer(), List.of())) {
                            String named = architecture.layerTensor(site, in.suffix());
                            chosen.put(named, new TensorSpec(named, spec.dtype(), spec.shape()));
                        }
                    } else {
                        chosen.put(name, spec);
                    }
                });
        return new TrainedModel(
                config, architecture, chosen, lineage.choose(layers), weightsPresent);
    }
}
