package io.accrete.protocol.http;

import com.fasterxml.jackson.databind.JsonNode;

import java.util.List;
import java.util.OptionalInt;

/**
 * Figures of a training, as its {@code metrics.jsonl} has them.
 *
 * @param lines by ascending step; all of a step or none
 * @param next the step after which there are more; empty at the end of what is there
 */
public record FigurePage(List<JsonNode> lines, OptionalInt next) {
    public FigurePage {
        lines = List.copyOf(lines);
    }
}
