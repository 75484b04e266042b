package io.accrete.coordinator.plan;

import io.accrete.coordinator.plan.PlanReport.Omitted;
import io.accrete.protocol.model.TensorLocation;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Lists what a plan leaves out of its sources, so that nothing is dropped in silence. */
final class Omissions {
    private Omissions() {}

    static List<Omitted> of(Catalog catalog, SourceFiles files) {
        List<Omitted> result = new ArrayList<>();
        for (CatalogModel model : catalog.all()) {
            Set<String> used = files.used(model);
            if (used.isEmpty()) {
                result.add(
                        new Omitted(
                                model.label(),
                                "all",
                                model.folder().tensors().size(),
                                model.folder().bytes(),
                                "no slice names it; it gives configuration or tokenizer only"));
            } else {
                ofModel(model, used, result);
            }
        }
        return result;
    }

    private static void ofModel(CatalogModel model, Set<String> used, List<Omitted> result) {
        SortedMap<Integer, List<TensorLocation>> layers = new TreeMap<>();
        for (Map.Entry<String, TensorLocation> tensor : model.folder().tensors().entrySet()) {
            if (used.contains(tensor.getKey())) {
                continue;
            }
            var layer = model.layerOf(tensor.getKey());
            if (layer.isPresent()) {
                layers.computeIfAbsent(layer.getAsInt(), l -> new ArrayList<>())
                        .add(tensor.getValue());
            } else {
                result.add(
                        new Omitted(
                                model.label(),
                                tensor.getKey(),
                                1,
                                tensor.getValue().bytes(),
                                "another slice gives this tensor"));
            }
        }
        layers.forEach(
                (layer, tensors) ->
                        result.add(
                                new Omitted(
                                        model.label(),
                                        model.layerName(layer, "*"),
                                        tensors.size(),
                                        tensors.stream().mapToLong(TensorLocation::bytes).sum(),
                                        layer < model.layers()
                                                ? "no slice takes this layer"
                                                : "beyond the layers that config.json counts")));
    }
}
