package io.accrete.protocol.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.accrete.protocol.model.Architecture.Origin;
import io.accrete.protocol.model.Weight.Role;
import io.accrete.protocol.tensor.DType;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The architectures whose weights and shapes are listed, in {@code architectures.json}. */
public final class ArchitectureTable {

    private static final String RESOURCE = "architectures.json";
    private static final Map<String, List<Architecture>> BY_NAME = load();

    private ArchitectureTable() {}

    public static Optional<Architecture> find(String name) {
        return find(name, List.of());
    }

    /**
     * The architecture of that name. Some models come in two layouts under one name, experts apart
     * or in one tensor; then it is the one that lists more of these tensors, of equals the first.
     */
    static Optional<Architecture> find(String name, Collection<String> tensors) {
        return BY_NAME.getOrDefault(name, List.of()).stream()
                .max(
                        Comparator.comparingLong(
                                known ->
                                        tensors.stream()
                                                .filter(t -> known.weight(t).isPresent())
                                                .count()));
    }

    /** All listed names, sorted. */
    public static Set<String> names() {
        return new TreeSet<>(BY_NAME.keySet());
    }

    private static Map<String, List<Architecture>> load() {
        Map<String, Architecture> families = new HashMap<>();
        Map<String, List<Architecture>> byName = new HashMap<>();
        for (JsonNode family : read().path("families")) {
            Architecture listed = family(family, families);
            families.put(family.path("name").asText(), listed);
            for (JsonNode name : family.path("architectures")) {
                byName.computeIfAbsent(name.asText(), _ -> new ArrayList<>())
                        .add(
                                new Architecture(
                                        name.asText(),
                                        Origin.TABLE,
                                        listed.layerPrefix(),
                                        listed.tiedByDefault(),
                                        listed.complete(),
                                        listed.before(),
                                        listed.layer(),
                                        listed.after()));
            }
        }
        return Map.copyOf(byName);
    }

    private static Architecture family(JsonNode family, Map<String, Architecture> families) {
        Architecture like =
                families.getOrDefault(
                        family.path("like").asText(),
                        new Architecture(
                                "", Origin.TABLE, "", false, true, Map.of(), Map.of(), Map.of()));
        List<String> without = new ArrayList<>();
        family.path("without").forEach(name -> without.add(name.asText()));
        return new Architecture(
                family.path("name").asText(),
                Origin.TABLE,
                family.path("layers").asText(like.layerPrefix()),
                family.path("tied").asBoolean(like.tiedByDefault()),
                family.path("complete").asBoolean(like.complete()),
                weights(like.before(), without, family.path("before")),
                weights(like.layer(), without, family.path("layer")),
                weights(like.after(), without, family.path("after")));
    }

    private static Map<String, Weight> weights(
            Map<String, Weight> like, List<String> without, JsonNode own) {
        Map<String, Weight> weights = new LinkedHashMap<>(like);
        weights.keySet().removeAll(without);
        own.properties().forEach(entry -> weights.put(entry.getKey(), weight(entry.getValue())));
        return weights;
    }

    private static Weight weight(JsonNode node) {
        List<SizeFormula> shape = new ArrayList<>();
        node.path("shape").forEach(extent -> shape.add(new SizeFormula(extent.asText())));
        return new Weight(
                Role.valueOf(node.path("role").asText().toUpperCase(Locale.ROOT)),
                node.has("shape") ? Optional.of(List.copyOf(shape)) : Optional.empty(),
                node.path("optional").asBoolean(),
                Optional.ofNullable(node.get("when")).map(JsonNode::asText),
                DType.named(node.path("dtype").asText()));
    }

    private static JsonNode read() {
        try (InputStream resource = ArchitectureTable.class.getResourceAsStream(RESOURCE)) {
            if (resource == null) {
                throw new IllegalStateException(RESOURCE + " is not in the jar");
            }
            return new ObjectMapper().readTree(resource);
        } catch (IOException e) {
            throw new UncheckedIOException(RESOURCE + " is not readable", e);
        }
    }
}
