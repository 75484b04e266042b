package io.accrete.coordinator.observe;

import com.fasterxml.jackson.databind.JsonNode;

import io.accrete.coordinator.observe.Report.Table;
import io.accrete.protocol.train.StageKeys;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/** Where the time of a step went, stage by stage. */
final class StageTable {
    private StageTable() {}

    /**
     * Of the steps that were done with as many stages as the last one.
     *
     * @param steps lines of the metrics
     */
    static Optional<Table> of(List<JsonNode> steps) {
        int count = steps.isEmpty() ? 0 : steps.getLast().path(StageKeys.STAGES).size();
        List<JsonNode> alike =
                steps.stream().filter(line -> line.path(StageKeys.STAGES).size() == count).toList();
        if (count == 0) {
            return Optional.empty();
        }
        List<List<String>> rows = new ArrayList<>();
        for (int stage = 0; stage < count; stage++) {
            int own = stage;
            ToDoubleFunction<String> middle =
                    key ->
                            median(
                                    alike,
                                    line ->
                                            line.path(StageKeys.STAGES)
                                                    .path(own)
                                                    .path(key)
                                                    .asDouble());
            rows.add(
                    List.of(
                            "stage " + stage,
                            millis(middle.applyAsDouble(StageKeys.FORWARD)),
                            millis(middle.applyAsDouble(StageKeys.BACKWARD)),
                            millis(middle.applyAsDouble(StageKeys.WAITING)),
                            "%.0f".formatted(middle.applyAsDouble(StageKeys.RESIDENT) / 1e6)));
        }
        double measured = median(alike, line -> line.path(StageKeys.BUBBLE).asDouble());
        return Optional.of(
                new Table(
                        "Where the time of a step went",
                        List.of("", "forward, ms", "backward, ms", "waiting, ms", "process, MB"),
                        rows,
                        String.format(
                                Locale.ROOT,
                                "Medians over %,d steps. Bubble, the share of the stages' time in"
                                        + " which they wait: %.1f %% measured, %.1f %% by the"
                                        + " formula for even stages.",
                                alike.size(),
                                100 * measured,
                                100
                                        * alike.getLast()
                                                .path(StageKeys.BUBBLE_OF_EVEN_STAGES)
                                                .asDouble())));
    }

    private static double median(List<JsonNode> lines, ToDoubleFunction<JsonNode> value) {
        double[] sorted = lines.stream().mapToDouble(value).sorted().toArray();
        return sorted[sorted.length / 2];
    }

    private static String millis(double seconds) {
        return String.format(Locale.ROOT, "%.1f", 1000 * seconds);
    }
}
