package io.accrete.coordinator.observe;

import com.fasterxml.jackson.databind.JsonNode;

import io.accrete.coordinator.observe.Curve.Point;
import io.accrete.coordinator.observe.Report.Chart;
import io.accrete.coordinator.observe.Report.Event;

import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;

/**
 * Gates over the steps: a curve for each layer, or where these are too many to be told apart the
 * lowest, the mean and the highest.
 */
final class GateCharts {
    private GateCharts() {}

    /**
     * @param steps lines of the metrics; none where no layer has gates
     */
    static List<Chart> of(List<JsonNode> steps, List<Event> events) {
        List<Chart> charts = new ArrayList<>();
        add(charts, "Gates on attention", "attention_gates", steps, events);
        add(charts, "Gates on MLPs", "mlp_gates", steps, events);
        return charts;
    }

    private static void add(
            List<Chart> charts,
            String title,
            String key,
            List<JsonNode> steps,
            List<Event> events) {
        SortedSet<Integer> sites = new TreeSet<>();
        for (JsonNode step : steps) {
            for (int site = 0; site < step.path(key).size(); site++) {
                if (step.path(key).path(site).isNumber()) {
                    sites.add(site);
                }
            }
        }
        List<Curve> curves = new ArrayList<>();
        if (sites.size() <= LineChart.COLOURS) {
            for (int site : sites) {
                curves.add(
                        curve(
                                "layer " + site,
                                steps,
                                line -> line.path(key).path(site).asDouble(Double.NaN)));
            }
        } else {
            curves.add(curve("lowest", steps, line -> statistics(line.path(key)).getMin()));
            curves.add(curve("mean", steps, line -> mean(statistics(line.path(key)))));
            curves.add(curve("highest", steps, line -> statistics(line.path(key)).getMax()));
        }
        if (!sites.isEmpty()) {
            charts.add(new Chart(title, "", "step", curves, events));
        }
    }

    private static Curve curve(
            String name, List<JsonNode> steps, ToDoubleFunction<JsonNode> value) {
        return new Curve(
                name,
                steps.stream()
                        .map(
                                line ->
                                        new Point(
                                                line.path("step").asInt(),
                                                value.applyAsDouble(line)))
                        .toList());
    }

    private static double mean(DoubleSummaryStatistics gates) {
        return gates.getCount() == 0 ? Double.NaN : gates.getAverage();
    }

    private static DoubleSummaryStatistics statistics(JsonNode gates) {
        DoubleSummaryStatistics statistics = new DoubleSummaryStatistics();
        for (JsonNode gate : gates) {
            if (gate.isNumber()) {
                statistics.accept(gate.asDouble());
            }
        }
        return statistics;
    }
}
