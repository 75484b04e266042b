package io.accrete.coordinator.observe;

import com.fasterxml.jackson.databind.JsonNode;

import io.accrete.coordinator.observe.Curve.Point;
import io.accrete.coordinator.observe.Report.Chart;
import io.accrete.coordinator.observe.Report.Event;
import io.accrete.coordinator.observe.Report.Heat;
import io.accrete.coordinator.observe.Report.Table;
import io.accrete.protocol.merge.Site;
import io.accrete.protocol.train.Certificate;
import io.accrete.protocol.train.Examination;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The report on one training, from what its metrics say. */
public final class TrainingReport {
    private static final int EVENTS_MAX = 12;

    private TrainingReport() {}

    /**
     * What the metrics do not say.
     *
     * @param sites of the model that came out
     * @param base the model that it grew from
     * @param own the model that came out
     * @param trained parameters of it, or added to it, that learnt
     * @param advice what is known about such a growth, as sentences
     */
    public record Subject(
            String title,
            List<Site> sites,
            Size base,
            Size own,
            long trained,
            List<String> advice) {
        public Subject {
            sites = List.copyOf(sites);
            advice = List.copyOf(advice);
        }
    }

    /**
     * How large a model is.
     *
     * @param operations of a forward pass for each token, additions and multiplications
     * @param keyValueBytes of each token in the cache of a generation, at two bytes a number
     */
    public record Size(int layers, long parameters, long operations, long keyValueBytes) {}

    /**
     * @param metrics objects of {@code metrics.jsonl}, in order
     * @param examination of the result beside its base, if there was one
     * @param certificate of the result
     */
    public static Report of(
            Subject subject,
            List<JsonNode> metrics,
            Optional<Examination> examination,
            Certificate certificate) {
        List<JsonNode> steps = metrics.stream().filter(line -> line.has("loss")).toList();
        List<JsonNode> validations = metrics.stream().filter(l -> l.has("validation")).toList();
        List<Table> tables = new ArrayList<>();
        tables.add(LossTable.of(metrics, examination, certificate));
        List<Event> undone = undone(metrics);
        List<Chart> charts = new ArrayList<>(charts(steps, validations, undone));
        charts.addAll(GateCharts.of(steps, undone));
        Optional<ExaminationReport> beside = examination.map(ExaminationReport::new);
        beside.ifPresent(report -> tables.addAll(report.tables()));
        beside.ifPresent(report -> charts.addAll(report.charts()));
        tables.add(SizeAdvice.table(subject));
        StageTable.of(steps).ifPresent(tables::add);
        incidents(metrics).ifPresent(tables::add);
        List<Table> papers = new ArrayList<>();
        SampleTable.of(metrics).ifPresent(papers::add);
        papers.add(CertificateTable.of(certificate));
        return new Report(
                subject.title(),
                lead(subject, steps),
                subject.sites(),
                tables,
                charts,
                heats(steps),
                papers);
    }

    private static List<Heat> heats(List<JsonNode> steps) {
        List<double[]> columns = new ArrayList<>();
        for (JsonNode step : steps) {
            JsonNode norms = step.path("site_grad_norms");
            double[] column = new double[norms.size()];
            for (int site = 0; site < column.length; site++) {
                column[site] = norms.path(site).asDouble(Double.NaN);
            }
            columns.add(column);
        }
        return steps.isEmpty()
                ? List.of()
                : List.of(
                        new Heat(
                                "Gradient of each layer",
                                columns,
                                steps.getFirst().path("step").asInt(),
                                steps.getLast().path("step").asInt(),
                                "The stronger the larger its norm, on a scale of powers; empty"
                                        + " where nothing learns."));
    }

    private static String lead(Subject subject, List<JsonNode> steps) {
        long tokens = steps.stream().mapToLong(line -> line.path("tokens").asLong()).sum();
        return String.format(
                Locale.ROOT,
                "%,d steps on %,d tokens; %,d parameters, %,d learnt.",
                steps.size(),
                tokens,
                subject.own().parameters(),
                subject.trained());
    }

    private static List<Chart> charts(
            List<JsonNode> steps, List<JsonNode> validations, List<Event> undone) {
        List<Curve> losses = new ArrayList<>();
        losses.add(curve("training", steps, "loss", ""));
        if (!validations.isEmpty()) {
            losses.add(curve("validation", validations, "validation", "loss"));
        }
        List<Event> events = new ArrayList<>(undone);
        steps.stream()
                .filter(line -> line.path("skipped").asBoolean())
                .limit(EVENTS_MAX)
                .forEach(line -> events.add(new Event(line.path("step").asInt(), "skipped")));
        return List.of(
                new Chart("Loss", "nats", "step", losses, events),
                new Chart(
                        "Norm of the gradient",
                        "",
                        "step",
                        List.of(curve("norm", steps, "grad_norm", "")),
                        events),
                new Chart(
                        "Learning rate",
                        "",
                        "step",
                        List.of(curve("rate", steps, "learning_rate", "")),
                        undone));
    }

    /** Steps that others were undone to. */
    private static List<Event> undone(List<JsonNode> metrics) {
        return metrics.stream()
                .filter(line -> line.has("rollback"))
                .limit(EVENTS_MAX)
                .map(
                        line ->
                                new Event(
                                        line.path("step").asInt(),
                                        "back from " + line.path("rollback").path("from")))
                .toList();
    }

    /** What the guard has said about steps. */
    private static Optional<Table> incidents(List<JsonNode> metrics) {
        List<List<String>> rows = new ArrayList<>();
        for (JsonNode line : metrics) {
            JsonNode reason = line.has("rollback") ? line.path("rollback") : line;
            if (reason.has("reason") && rows.size() < EVENTS_MAX) {
                String what = line.has("rollback") ? "gone back to" : "skipped";
                rows.add(
                        List.of("step " + line.path("step"), what, reason.path("reason").asText()));
            }
        }
        return rows.isEmpty()
                ? Optional.empty()
                : Optional.of(new Table("What stood out", List.of("", "", "why"), rows, "", true));
    }

    private static Curve curve(String name, List<JsonNode> lines, String key, String inner) {
        return new Curve(
                name,
                lines.stream()
                        .map(line -> new Point(line.path("step").asInt(), value(line, key, inner)))
                        .toList());
    }

    /** What is null, since it was not finite, is no number here either. */
    private static double value(JsonNode line, String key, String inner) {
        JsonNode value = inner.isEmpty() ? line.path(key) : line.path(key).path(inner);
        return value.isNumber() ? value.asDouble() : Double.NaN;
    }
}
