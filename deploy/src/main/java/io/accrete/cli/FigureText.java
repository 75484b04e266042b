package io.accrete.cli;

import com.fasterxml.jackson.databind.JsonNode;

import java.util.Locale;

/** Lines of a {@code metrics.jsonl} as people read them. */
final class FigureText {
    private FigureText() {}

    static String line(JsonNode line) {
        return "step %s: %s".formatted(line.path("step"), figures(line));
    }

    /** What the line says of its step. */
    static String figures(JsonNode line) {
        if (line.has("validation")) {
            return "validation loss " + number(line.path("validation").path("loss"), "%.4f");
        }
        if (line.has("rollback")) {
            return "gone back to from step %s".formatted(line.path("rollback").path("from"));
        }
        if (line.has("sample")) {
            JsonNode sample = line.path("sample");
            return "%s | %s"
                    .formatted(sample.path("prompt").asText(), sample.path("text").asText());
        }
        return "loss %s, %s tokens/s"
                .formatted(
                        number(line.path("loss"), "%.4f"),
                        number(line.path("tokens_per_second"), "%,.0f"));
    }

    /** What is not finite has no number. */
    static String number(JsonNode value, String format) {
        return value.isNumber() ? String.format(Locale.ROOT, format, value.asDouble()) : "-";
    }
}
