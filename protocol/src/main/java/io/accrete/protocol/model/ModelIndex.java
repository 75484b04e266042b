package io.accrete.protocol.model;

import com.fasterxml.jackson.databind.JsonNode;

import io.accrete.protocol.safetensors.Excerpt;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Which file of a sharded model holds which tensor.
 *
 * @param weightMap tensor name to file name, in the order of the text
 * @param totalSize what the index says that all tensors take, if it does
 */
public record ModelIndex(Map<String, String> weightMap, OptionalLong totalSize) {

    public static final String FILE = "model.safetensors.index.json";
    public static final int MAX_BYTES = 32 << 20;

    public ModelIndex {
        weightMap = Collections.unmodifiableMap(new LinkedHashMap<>(weightMap));
    }

    static ModelIndex read(Path file) throws IOException {
        return parse(ModelJson.text(file, MAX_BYTES, FolderFault.INDEX_UNREADABLE));
    }

    public static ModelIndex parse(String text) throws ModelFileException {
        JsonNode root = ModelJson.unambiguous(text, FolderFault.INDEX_UNREADABLE);
        JsonNode map = root.path("weight_map");
        if (!map.isObject() || map.isEmpty()) {
            throw new ModelFileException(
                    FolderFault.INDEX_UNREADABLE,
                    "the index has no `weight_map` object that names tensors");
        }
        Map<String, String> files = new HashMap<>();
        Map<String, String> weightMap = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : map.properties()) {
            if (!entry.getValue().isTextual()) {
                throw new ModelFileException(
                        FolderFault.INDEX_UNREADABLE,
                        "`weight_map` gives %s for tensor %s, not the name of a file"
                                .formatted(
                                        Excerpt.of(entry.getValue().toString()),
                                        Excerpt.of(entry.getKey())));
            }
            String file = entry.getValue().textValue();
            weightMap.put(entry.getKey(), files.computeIfAbsent(file, name -> name));
        }
        JsonNode total = root.path("metadata").path("total_size");
        return new ModelIndex(
                weightMap,
                total.isIntegralNumber() && total.canConvertToLong()
                        ? OptionalLong.of(total.longValue())
                        : OptionalLong.empty());
    }
}
