package io.accrete.coordinator.observe;

import com.fasterxml.jackson.databind.JsonNode;

import io.accrete.coordinator.observe.Report.Table;
import io.accrete.protocol.train.Certificate;
import io.accrete.protocol.train.Examination;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What was lost and won, as losses on the same tokens: the untouched base, the model before its
 * first step, its published weights, and the bar that they are judged by.
 */
final class LossTable {
    private final List<List<String>> rows = new ArrayList<>();

    private LossTable() {}

    static Table of(
            List<JsonNode> metrics, Optional<Examination> examination, Certificate certificate) {
        LossTable table = new LossTable();
        Certificate.Metrics known = certificate.metrics();
        examination
                .map(Examination::validation)
                .ifPresent(
                        base -> table.row("untouched base", base.baseLoss(), words(base.tokens())));
        List<JsonNode> validations = metrics.stream().filter(l -> l.has("validation")).toList();
        boolean grew = certificate.sites().stream().anyMatch(site -> site.occurrence() > 0);
        table.validation(
                (grew ? "grown, before" : "before") + " the first step",
                validations.stream().filter(line -> line.path("step").asInt() == 0).findFirst());
        table.validation(
                "published, after step %,d".formatted(known.publishedStep()),
                last(validations, known.publishedStep()));
        if (known.publishedStep() < known.steps()) {
            table.validation(
                    "not published, after the last step, %,d".formatted(known.steps()),
                    last(validations, known.steps()));
        }
        Double bar = known.baselineAfter();
        if (bar != null) {
            table.row(
                    "the fair bar: its base after as many steps",
                    bar,
                    last(validations, known.publishedStep()).map(LossTable::tokens).orElse(""));
        }
        return new Table(
                "Before and after",
                List.of("", "loss", "perplexity", "tokens"),
                table.rows,
                training(metrics)
                        + "A model that saw the same text without having grown is the fair"
                        + " comparison, not the untouched one.");
    }

    /** What was measured last after a step: it may have been done again. */
    private static Optional<JsonNode> last(List<JsonNode> validations, int step) {
        return validations.stream()
                .filter(line -> line.path("step").asInt() == step)
                .reduce((earlier, later) -> later);
    }

    private void validation(String name, Optional<JsonNode> line) {
        line.filter(known -> known.path("validation").path("loss").isNumber())
                .ifPresent(
                        known ->
                                row(
                                        name,
                                        known.path("validation").path("loss").asDouble(),
                                        tokens(known)));
    }

    private void row(String name, double loss, String tokens) {
        rows.add(List.of(name, number(loss), number(Math.exp(loss)), tokens));
    }

    private static String tokens(JsonNode line) {
        JsonNode tokens = line.path("validation").path("tokens");
        return tokens.isNumber() ? words(tokens.asLong()) : "";
    }

    private static String training(List<JsonNode> metrics) {
        List<Double> losses =
                metrics.stream()
                        .map(line -> line.path("loss"))
                        .filter(JsonNode::isNumber)
                        .map(JsonNode::asDouble)
                        .toList();
        return losses.isEmpty()
                ? ""
                : "Validation files; the training loss was %s at first and %s in the end. "
                        .formatted(number(losses.getFirst()), number(losses.getLast()));
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.4f", value);
    }

    private static String words(long tokens) {
        return String.format(Locale.ROOT, "%,d", tokens);
    }
}
