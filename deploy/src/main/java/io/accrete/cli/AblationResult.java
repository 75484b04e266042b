package io.accrete.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.accrete.coordinator.observe.Curve;
import io.accrete.coordinator.observe.Curve.Point;
import io.accrete.coordinator.observe.Report;
import io.accrete.coordinator.observe.Report.Chart;
import io.accrete.coordinator.observe.Report.Table;
import io.accrete.coordinator.observe.ReportPage;
import io.accrete.coordinator.train.AblationReader;
import io.accrete.protocol.job.TrainSummary;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What came of the variants of a training: a table, a chart, and numbers. */
final class AblationResult {
    private static final String METRICS = "metrics.jsonl";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path folder;
    private final Map<String, List<Run>> runs = new LinkedHashMap<>();

    /** Of the first seed of each variant. */
    private final Map<String, List<Point>> curves = new LinkedHashMap<>();

    private record Run(
            @Nullable Long seed,
            String output,
            int steps,
            long tokens,
            @Nullable Double before,
            @Nullable Double after,
            @Nullable Double loss) {
        /** What is compared: on held-back text if there is any. */
        @Nullable Double judged() {
            return after == null ? loss : after;
        }
    }

    AblationResult(Path folder) {
        this.folder = folder;
    }

    /** The metrics of a result. */
    static List<JsonNode> metrics(Path result) throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : Files.readAllLines(result.resolve(METRICS))) {
            lines.add(JSON.readTree(line));
        }
        return lines;
    }

    void add(AblationRun run, TrainSummary summary, List<JsonNode> metrics) {
        curves.computeIfAbsent(run.variant().name(), _ -> points(metrics));
        runs.computeIfAbsent(run.variant().name(), _ -> new ArrayList<>())
                .add(
                        new Run(
                                run.seed().orElse(null),
                                run.folder(),
                                summary.steps(),
                                summary.tokens(),
                                summary.validation().before(),
                                summary.validation().after(),
                                summary.loss()));
    }

    Map<String, @Nullable Object> json() {
        List<Map<String, @Nullable Object>> variants = new ArrayList<>();
        runs.forEach(
                (name, own) ->
                        variants.add(
                                JsonLines.object(
                                        "name", name,
                                        "before", orNull(mean(own, Run::before)),
                                        "after", orNull(mean(own, Run::judged)),
                                        "sd", orNull(deviation(own)),
                                        "runs", own)));
        return JsonLines.object("output", folder.toString(), "variants", variants);
    }

    private static @Nullable Double orNull(OptionalDouble value) {
        return value.isPresent() ? value.getAsDouble() : null;
    }

    private interface Figure {
        @Nullable Double of(Run run);
    }

    private static List<Double> values(List<Run> own, Figure figure) {
        List<Double> values = new ArrayList<>();
        for (Run run : own) {
            Double value = figure.of(run);
            if (value != null) {
                values.add(value);
            }
        }
        return values;
    }

    private static OptionalDouble mean(List<Run> own, Figure figure) {
        return values(own, figure).stream().mapToDouble(Double::doubleValue).average();
    }

    /** Of a sample; none of a single run. */
    private static OptionalDouble deviation(List<Run> own) {
        List<Double> values = values(own, Run::judged);
        if (values.size() < 2) {
            return OptionalDouble.empty();
        }
        double mean = values.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
        double squares = values.stream().mapToDouble(x -> (x - mean) * (x - mean)).sum();
        return OptionalDouble.of(Math.sqrt(squares / (values.size() - 1)));
    }

    /** The table as people read it. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        for (List<String> row : Stream.concat(Stream.of(columns()), rows().stream()).toList()) {
            lines.add(String.format("%-24s  %9s  %9s  %9s  %11s  %9s", row.toArray(new Object[0])));
        }
        lines.add("");
        lines.add("report: " + folder.resolve(AblationReader.REPORT));
        return lines;
    }

    private static List<String> columns() {
        return List.of("variant", "before", "after", "sd", "against 1st", "tokens");
    }

    private List<List<String>> rows() {
        List<List<String>> rows = new ArrayList<>();
        OptionalDouble first = OptionalDouble.empty();
        for (Map.Entry<String, List<Run>> variant : runs.entrySet()) {
            OptionalDouble after = mean(variant.getValue(), Run::judged);
            first = first.isPresent() ? first : after;
            rows.add(
                    List.of(
                            variant.getKey(),
                            text(mean(variant.getValue(), Run::before), "%.4f"),
                            text(after, "%.4f"),
                            text(deviation(variant.getValue()), "%.4f"),
                            after.isPresent() && first.isPresent()
                                    ? text(
                                            OptionalDouble.of(
                                                    after.getAsDouble() - first.getAsDouble()),
                                            "%+.4f")
                                    : "",
                            tokens(variant.getValue())));
        }
        return rows;
    }

    /** Those of each seed where they are not the same. */
    private static String tokens(List<Run> own) {
        return own.stream()
                .map(run -> String.format(Locale.ROOT, "%,d", run.tokens()))
                .distinct()
                .collect(Collectors.joining(" | "));
    }

    private static String text(OptionalDouble value, String format) {
        return value.isPresent() ? String.format(Locale.ROOT, format, value.getAsDouble()) : "";
    }

    /** Puts the page and the numbers into the folder. */
    void write() throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve(AblationReader.NUMBERS), JsonLines.text(json()) + "\n");
        Files.writeString(folder.resolve(AblationReader.REPORT), ReportPage.html(report()));
    }

    private Report report() {
        List<Curve> drawn = new ArrayList<>();
        curves.forEach((name, points) -> drawn.add(new Curve(name, points)));
        return new Report(
                "Variants of a training",
                runs.values().stream().flatMap(List::stream).map(Run::tokens).distinct().count()
                                == 1
                        ? "Each has read as many tokens as the others."
                        : "They have not read as many tokens each, since a plateau ended rounds or"
                                + " steps were undone: that alone makes a difference.",
                List.of(),
                List.of(
                        new Table(
                                "Loss",
                                columns(),
                                rows(),
                                "On the validation files, else of the last step; means where"
                                        + " there are several seeds, with their standard"
                                        + " deviation.")),
                List.of(new Chart("Loss of the first seed", "nats", "step", drawn, List.of())),
                List.of(),
                List.of());
    }

    /** Validations, or where there are none the losses of the steps. */
    private static List<Point> points(List<JsonNode> metrics) {
        List<Point> validations = new ArrayList<>();
        List<Point> steps = new ArrayList<>();
        for (JsonNode line : metrics) {
            int step = line.path("step").asInt();
            if (line.has("validation")) {
                double loss = line.path("validation").path("loss").asDouble(Double.NaN);
                validations.add(new Point(step, loss));
            } else if (line.has("loss")) {
                steps.add(new Point(step, line.path("loss").asDouble(Double.NaN)));
            }
        }
        return validations.isEmpty() ? steps : validations;
    }
}
