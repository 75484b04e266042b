package io.accrete.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a look at the result of a training beside its base found, as people read it. */
final class ExaminationText {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Without which the loss changes by less, a clone does nothing. */
    private static final double DEAD = 1e-4;

    private ExaminationText() {}

    /** None where there was no look. */
    static List<String> lines(Path result) throws IOException {
        Path file = result.resolve("examination.json");
        if (!Files.isRegularFile(file)) {
            return List.of();
        }
        JsonNode look = JSON.readTree(file.toFile());
        List<String> lines = new ArrayList<>();
        lines.add(
                String.format(
                        Locale.ROOT,
                        "  beside its untouched base, on %,d tokens: loss %.4f against %.4f%s, %.2f"
                                + " ms a token against %.2f, states drifted by %s%s",
                        look.path("tokens").asLong(),
                        look.path("loss").asDouble(),
                        look.path("base_loss").asDouble(),
                        before(look.path("grown").path("loss"), " (%.4f before the first step)"),
                        look.path("pace").path("millis_per_token").asDouble(),
                        look.path("base_pace").path("millis_per_token").asDouble(),
                        measured(drifted(look)),
                        look.path("grown").isObject()
                                ? " (%s before)".formatted(measured(drifted(look.path("grown"))))
                                : ""));
        JsonNode all = look.path("validation");
        if (all.isObject()) {
            double loss = all.path("base_loss").asDouble();
            lines.add(
                    String.format(
                            Locale.ROOT,
                            "  the untouched base on all %,d validation tokens: loss %.4f"
                                    + " (perplexity %.2f)",
                            all.path("tokens").asLong(),
                            loss,
                            Math.exp(loss)));
        }
        List<String> dead = new ArrayList<>();
        for (JsonNode site : look.path("sites")) {
            double without = site.path("loss_without").asDouble(Double.NaN);
            if (Math.abs(without - look.path("loss").asDouble()) < DEAD) {
                dead.add(site.path("site").asText());
            }
        }
        if (!dead.isEmpty()) {
            lines.add("  clones that contribute nothing: layers " + String.join(", ", dead));
        }
        return lines;
    }

    private static JsonNode drifted(JsonNode look) {
        return look.path("final_norm").path("relative_mean");
    }

    /** There is none beside a base whose states are zero. */
    private static String measured(JsonNode drift) {
        return drift.isNumber() ? String.format(Locale.ROOT, "%.3f", drift.asDouble()) : "-";
    }

    private static String before(JsonNode figure, String words) {
        return figure.isNumber() ? String.format(Locale.ROOT, words, figure.asDouble()) : "";
    }
}
