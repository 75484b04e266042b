package io.accrete.coordinator.observe;

import com.fasterxml.jackson.databind.JsonNode;

import io.accrete.coordinator.observe.Report.Table;
import io.accrete.protocol.merge.Site;
import io.accrete.protocol.train.Certificate;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What a certificate says, as people read it. */
final class CertificateTable {
    /** A model of a hundred files has one in the certificate itself. */
    private static final int FILES_MAX = 24;

    private final Certificate certificate;
    private final List<List<String>> rows = new ArrayList<>();

    private CertificateTable(Certificate certificate) {
        this.certificate = certificate;
    }

    static Table of(Certificate certificate) {
        CertificateTable table = new CertificateTable(certificate);
        table.origin();
        table.inputs();
        table.result();
        table.settings();
        return new Table(
                "Certificate",
                List.of("", ""),
                table.rows,
                "As in certificate.json beside this page; `accrete verify` holds it against the"
                        + " model and the files, `accrete verify --rerun` measures again.",
                true);
    }

    private void row(String name, String value) {
        rows.add(List.of(name, value));
    }

    private void origin() {
        row("written by", "%s, Java %s".formatted(certificate.program(), certificate.java()));
        row("numeric class", certificate.numericClass());
        row("job", certificate.job());
        row("seed", String.valueOf(certificate.seed()));
        row("lineage", lineage());
        Certificate.Run run = certificate.run();
        row("disturbed", run.disturbed() ? disturbances(run) : "no");
    }

    /** Layers of each model, for example {@code 0..3, 1..5 of base}. */
    private String lineage() {
        List<String> runs = new ArrayList<>();
        int begin = 0;
        List<Site> sites = certificate.sites();
        for (int i = 1; i <= sites.size(); i++) {
            Site last = sites.get(i - 1);
            boolean ends = i == sites.size() || !follows(last, sites.get(i));
            if (ends) {
                int first = sites.get(begin).layer();
                String range = first == last.layer() ? "" + first : first + ".." + last.layer();
                boolean other = i == sites.size() || !sites.get(i).model().equals(last.model());
                runs.add(other ? range + " of " + last.model() : range);
                begin = i;
            }
        }
        return "layers " + String.join(", ", runs);
    }

    private static boolean follows(Site before, Site site) {
        return site.model().equals(before.model()) && site.layer() == before.layer() + 1;
    }

    private static String disturbances(Certificate.Run run) {
        List<String> all = new ArrayList<>();
        if (run.recoveries() > 0) {
            all.add("went on from a checkpoint, times: " + run.recoveries());
        }
        if (!run.skipped().isEmpty()) {
            all.add("skipped steps " + numbers(run.skipped()));
        }
        if (!run.rolledBack().isEmpty()) {
            all.add("went back from steps " + numbers(run.rolledBack()));
        }
        return "yes: " + String.join("; ", all);
    }

    private static String numbers(List<Integer> steps) {
        return steps.stream().map(String::valueOf).collect(Collectors.joining(", "));
    }

    private void inputs() {
        Certificate.Inputs inputs = certificate.inputs();
        List<List<String>> files = new ArrayList<>();
        inputs.weights()
                .forEach(
                        file ->
                                files.add(
                                        List.of(
                                                "weights, " + file.path(),
                                                "%s, SHA-256 of the header %s"
                                                        .formatted(
                                                                bytes(file.bytes()),
                                                                file.headerSha256()))));
        inputs.train().forEach(file -> files.add(text("trained on", file)));
        inputs.validation().forEach(file -> files.add(text("validated on", file)));
        rows.addAll(files.subList(0, Math.min(FILES_MAX, files.size())));
        if (files.size() > FILES_MAX) {
            row("", "and %,d files more".formatted(files.size() - FILES_MAX));
        }
    }

    private static List<String> text(String use, Certificate.Text file) {
        return List.of(
                use + ", " + file.path(),
                "%s, SHA-256 %s".formatted(bytes(file.bytes()), file.sha256()));
    }

    private static String bytes(long bytes) {
        return String.format(Locale.ROOT, "%,d bytes", bytes);
    }

    private void result() {
        row(
                "result",
                "%,d tensors, SHA-256 of all %s"
                        .formatted(
                                certificate.result().tensors(),
                                certificate.result().tensorsSha256()));
        Certificate.Metrics metrics = certificate.metrics();
        row(
                "metrics",
                String.format(
                        Locale.ROOT,
                        "step %,d published of %,d, %,d tokens; training loss %s; validation loss"
                                + " of the untouched base %s, %s before, %s after, in windows of"
                                + " %,d; its base after the same steps %s",
                        metrics.publishedStep(),
                        metrics.steps(),
                        metrics.tokens(),
                        number(metrics.loss()),
                        number(metrics.validationBase()),
                        number(metrics.validationBefore()),
                        number(metrics.validationAfter()),
                        metrics.window(),
                        number(metrics.baselineAfter())));
    }

    private static String number(@Nullable Double value) {
        return value == null ? "not measured" : String.format(Locale.ROOT, "%.6f", value);
    }

    private void settings() {
        for (Map.Entry<String, JsonNode> setting : certificate.settings().properties()) {
            row("setting, " + setting.getKey(), words(setting.getValue()));
        }
    }

    /** Without the punctuation of JSON. */
    private static String words(JsonNode value) {
        if (value.isObject()) {
            return value.properties().stream()
                    .map(inner -> inner.getKey() + " " + inside(inner.getValue()))
                    .collect(Collectors.joining(", "));
        }
        if (value.isArray()) {
            List<String> items = new ArrayList<>();
            value.forEach(item -> items.add(inside(item)));
            return items.isEmpty() ? "none" : String.join(", ", items);
        }
        return value.isNull() ? "none" : value.asText();
    }

    private static String inside(JsonNode value) {
        return value.isContainerNode() && !value.isEmpty()
                ? "(" + words(value) + ")"
                : words(value);
    }
}
