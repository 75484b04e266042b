package io.accrete.protocol.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The tokens of a tokenizer and their ids.
 *
 * @param ids without the ids that have no token
 */
public record Vocabulary(Map<String, Integer> ids) {
    /** The file of a model folder that says it. */
    public static final String FILE = "tokenizer.json";

    /** Several times the largest tokenizer known. */
    private static final long BYTES_MAX = 256L << 20;

    private static final ObjectMapper JSON = new ObjectMapper();

    public Vocabulary {
        ids = Map.copyOf(ids);
    }

    /** Of a model's folder; empty where no file there says it in a way that can be read. */
    public static Optional<Vocabulary> read(Path folder) {
        Path file = folder.resolve(FILE);
        try {
            if (!Files.isRegularFile(file) || Files.size(file) > BYTES_MAX) {
                return Optional.empty();
            }
            JsonNode root = JSON.readTree(file.toFile());
            Map<String, Integer> ids = new HashMap<>();
            JsonNode tokens = root.path("model").path("vocab");
            if (tokens.isArray()) {
                for (int id = 0; id < tokens.size(); id++) {
                    ids.put(tokens.path(id).path(0).asText(), id);
                }
            } else {
                tokens.properties().forEach(t -> ids.put(t.getKey(), t.getValue().asInt()));
            }
            root.path("added_tokens")
                    .forEach(t -> ids.put(t.path("content").asText(), t.path("id").asInt()));
            return ids.isEmpty() ? Optional.empty() : Optional.of(new Vocabulary(ids));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Ids that an embedding must have rows for: one more than the greatest. */
    public long rows() {
        return ids.values().stream().mapToInt(Integer::intValue).max().orElse(-1) + 1L;
    }

    /** A token that has another id there, or none. */
    public Optional<String> tokenUnlike(Vocabulary other) {
        return ids.entrySet().stream()
                .filter(token -> !token.getValue().equals(other.ids.get(token.getKey())))
                .map(Map.Entry::getKey)
                .min(String::compareTo);
    }

    /** Ids that stand for one token here and for another there, with both. */
    public SortedMap<Integer, Pair> unlike(Vocabulary other) {
        Map<Integer, String> there = new HashMap<>();
        other.ids.forEach((token, id) -> there.put(id, token));
        SortedMap<Integer, Pair> unlike = new TreeMap<>();
        ids.forEach(
                (token, id) -> {
                    String second = there.get(id);
                    if (second != null && !second.equals(token)) {
                        unlike.put(id, new Pair(token, second));
                    }
                });
        return unlike;
    }

    /** Two tokens of one id. */
    public record Pair(String here, String there) {}
}
