package io.accrete.protocol.train;

import io.accrete.protocol.model.LlamaConfig;
import io.accrete.protocol.model.Projection;

import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * How the state at the end of one phase of a training becomes the start of the next, whose model
 * may have more sites, or parameters of its own where there was a tied one.
 *
 * @param origins for each site the site of the phase before that it was, or is a copy of
 * @param inserted sites that are new: their branches start at zero, and their moments
 * @param before the parameters of the phase before
 */
public record Inheritance(
        List<Integer> origins, SortedSet<Integer> inserted, List<ParameterSettings> before) {
    public Inheritance {
        origins = List.copyOf(origins);
        inserted = Collections.unmodifiableSortedSet(new TreeSet<>(inserted));
        before = List.copyOf(before);
    }

    /** The parameter that a tensor's first value comes from; empty for what starts anew. */
    public Optional<String> origin(String tensor) {
        boolean fresh = isInserted(tensor) && AddedParameters.isAdded(tensor);
        return fresh ? Optional.empty() : Optional.ofNullable(byTensor().get(earlier(tensor)));
    }

    /** Whether a tensor's moments and step count go on. */
    public boolean keepsMoments(String tensor) {
        return !isInserted(tensor);
    }

    /** Whether a tensor ends a branch of a new site. */
    public boolean startsAtZero(String tensor) {
        return isInserted(tensor)
                && (tensor.endsWith("." + Projection.O.weight())
                        || tensor.endsWith("." + Projection.DOWN.weight())
                        || tensor.endsWith("." + Projection.O.bias())
                        || tensor.endsWith("." + Projection.DOWN.bias()));
    }

    private boolean isInserted(String tensor) {
        return LlamaConfig.isInLayer(tensor) && inserted.contains(LlamaConfig.layerOf(tensor));
    }

    private String earlier(String tensor) {
        return LlamaConfig.isInLayer(tensor)
                ? LlamaConfig.layerTensor(
                        origins.get(LlamaConfig.layerOf(tensor)), LlamaConfig.suffixOf(tensor))
                : tensor;
    }

    private Map<String, String> byTensor() {
        Map<String, String> names = new HashMap<>();
        before.forEach(p -> p.sites().forEach(tensor -> names.put(tensor, p.name())));
        return names;
    }
}
