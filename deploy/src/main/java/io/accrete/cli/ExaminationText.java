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
                        "  beside its untouched base, on %,d tokens: loss %.4f against %.4f, %.2f"
                                + " ms a token against %.2f, states drifted by %.3f",
                        look.path("tokens").asLong(),
                        look.path("loss").asDouble(),
                        look.path("base_loss").asDouble(),
                        look.path("pace").path("millis_per_token").asDouble(),
                        look.path("base_pace").path("millis_per_token").asDouble(),
                        look.path("final_norm").path("relative_mean").asDouble()));
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
}
