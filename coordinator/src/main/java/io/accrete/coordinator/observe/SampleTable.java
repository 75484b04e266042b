package io.accrete.coordinator.observe;

import com.fasterxml.jackson.databind.JsonNode;

import io.accrete.coordinator.observe.Report.Table;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** How the model went on from the same beginnings in the course of its training. */
final class SampleTable {
    private static final int ROWS_MAX = 24;

    private SampleTable() {}

    /**
     * @param metrics all lines; of many samples some are left out, evenly
     */
    static Optional<Table> of(List<JsonNode> metrics) {
        List<JsonNode> all = metrics.stream().filter(line -> line.has("sample")).toList();
        int count = Math.min(ROWS_MAX, all.size());
        List<List<String>> rows =
                IntStream.range(0, count)
                        .mapToObj(
                                i ->
                                        all.get(
                                                count < 2
                                                        ? 0
                                                        : (int)
                                                                ((long) i
                                                                        * (all.size() - 1)
                                                                        / (count - 1))))
                        .map(
                                line ->
                                        List.of(
                                                "step " + line.path("step"),
                                                line.path("sample").path("prompt").asText(),
                                                line.path("sample").path("text").asText()))
                        .toList();
        return rows.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        new Table(
                                "How it went on, step by step",
                                List.of("", "after", "text"),
                                rows,
                                rows.size() < all.size()
                                        ? "Some of %,d samples; all are in metrics.jsonl."
                                                .formatted(all.size())
                                        : "The likeliest token each time.",
                                true));
    }
}
