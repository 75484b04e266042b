package io.accrete.coordinator.plan;

import io.accrete.protocol.merge.SourceTensor;
import io.accrete.protocol.model.TensorLocation;
import io.accrete.protocol.store.FileIdentity;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a plan reads: weight files, numbered in the order of first use, and tensors in them. */
final class SourceFiles {
    private final Map<FileIdentity, Integer> indices = new LinkedHashMap<>();
    private final Map<CatalogModel, Map<Integer, Integer>> ofModels = new HashMap<>();
    private final List<Boolean> onVolume = new ArrayList<>();
    private final Map<CatalogModel, Set<String>> used = new HashMap<>();

    SourceTensor tensor(CatalogModel model, TensorLocation location) {
        // an identity is long to compare, and a plan asks for one file thousands of times
        int index =
                ofModels.computeIfAbsent(model, m -> new HashMap<>())
                        .computeIfAbsent(
                                location.file(),
                                f ->
                                        indices.computeIfAbsent(
                                                model.file(location), i -> number(model)));
        used.computeIfAbsent(model, m -> new HashSet<>()).add(location.spec().name());
        return new SourceTensor(
                index,
                location.spec().name(),
                location.spec().dtype(),
                location.spec().shape(),
                location.offset(),
                location.bytes());
    }

    private int number(CatalogModel model) {
        onVolume.add(model.onOutputVolume());
        return onVolume.size() - 1;
    }

    List<FileIdentity> identities() {
        return List.copyOf(indices.keySet());
    }

    /** Whether a file lies on the output's file system. */
    boolean onVolume(int file) {
        return onVolume.get(file);
    }

    /** Names of the tensors of a model that the plan reads. */
    Set<String> used(CatalogModel model) {
        return used.getOrDefault(model, Set.of());
    }
}
