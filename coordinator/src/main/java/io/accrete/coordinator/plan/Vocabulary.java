package io.accrete.coordinator.plan;

import java.util.Map;
import java.util.Optional;

/**
 * The tokens of a tokenizer and their ids.
 *
 * @param ids without the ids that have no token
 */
public record Vocabulary(Map<String, Integer> ids) {

    /** Ids that an embedding must have rows for: one more than the greatest. */
    long rows() {
        return ids.values().stream().mapToInt(Integer::intValue).max().orElse(-1) + 1L;
    }

    /** A token that has another id there, or none. */
    Optional<String> tokenUnlike(Vocabulary other) {
        return ids.entrySet().stream()
                .filter(token -> !token.getValue().equals(other.ids.get(token.getKey())))
                .map(Map.Entry::getKey)
                .min(String::compareTo);
    }
}
