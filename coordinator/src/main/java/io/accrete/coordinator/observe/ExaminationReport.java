package io.accrete.coordinator.observe;

import io.accrete.coordinator.observe.Curve.Point;
import io.accrete.coordinator.observe.Report.Chart;
import io.accrete.coordinator.observe.Report.Table;
import io.accrete.protocol.train.Examination;
import io.accrete.protocol.train.Examination.Drift;
import io.accrete.protocol.train.Examination.Grown;
import io.accrete.protocol.train.Examination.Sample;
import io.accrete.protocol.train.Examination.SiteFigures;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** What a report says of the result beside the model that it grew from. */
final class ExaminationReport {
    private final Examination examination;

    ExaminationReport(Examination examination) {
        this.examination = examination;
    }

    List<Table> tables() {
        List<Table> tables = new ArrayList<>();
        tables.add(beside());
        if (examination.sites().stream().anyMatch(ExaminationReport::isTold)) {
            tables.add(
                    clones("What each clone contributes", examination.sites(), examination.loss()));
        }
        Grown grown = examination.grown();
        if (grown != null && grown.sites().stream().anyMatch(ExaminationReport::isTold)) {
            tables.add(
                    clones(
                            "What each clone contributed before the first step",
                            grown.sites(),
                            grown.loss()));
        }
        if (!examination.samples().isEmpty()) {
            tables.add(samples());
        }
        return tables;
    }

    private Table beside() {
        Optional<Grown> grown = Optional.ofNullable(examination.grown());
        Optional<Double> before = grown.map(Grown::loss);
        double base = examination.baseLoss();
        double own = examination.loss();
        return new Table(
                "Beside the model that it grew from",
                List.of("", "untouched base", "before the first step", "result"),
                List.of(
                        List.of(
                                "loss",
                                number(base),
                                before.map(ExaminationReport::number).orElse(""),
                                number(own)),
                        List.of(
                                "perplexity",
                                number(Math.exp(base)),
                                before.map(loss -> number(Math.exp(loss))).orElse(""),
                                number(Math.exp(own))),
                        List.of(
                                "drift of the last states",
                                "",
                                grown.map(look -> drifted(look.finalNorm())).orElse(""),
                                drifted(examination.finalNorm())),
                        List.of(
                                "time of a new token",
                                millis(examination.basePace()),
                                "",
                                millis(examination.pace()))),
                String.format(
                        Locale.ROOT,
                        "All on the first %,d tokens of the validation files, or of the"
                                + " training files where there are none; time on one thread, with"
                                + " all earlier tokens cached.",
                        examination.tokens()));
    }

    private static String millis(Examination.Pace pace) {
        return String.format(Locale.ROOT, "%.2f ms", pace.millisPerToken());
    }

    private static boolean isTold(SiteFigures site) {
        return site.lossWithout() != null || site.attentionGate() != null;
    }

    private static Table clones(String title, List<SiteFigures> sites, double loss) {
        List<List<String>> rows = new ArrayList<>();
        for (SiteFigures site : sites) {
            if (isTold(site)) {
                Double without = site.lossWithout();
                rows.add(
                        List.of(
                                "layer %d, of %d".formatted(site.site(), site.layer()),
                                without == null ? "" : number(without),
                                without == null
                                        ? ""
                                        : String.format(Locale.ROOT, "%+.4f", without - loss),
                                gate(site.attentionGate()),
                                gate(site.mlpGate())));
            }
        }
        return new Table(
                title,
                List.of("", "loss without it", "difference", "attention gate", "MLP gate"),
                rows,
                "A clone without which the loss stays the same is a dead branch. Gates are means,"
                        + " before they were folded into the weights.");
    }

    private static String gate(@Nullable Double value) {
        return value == null ? "" : String.format(Locale.ROOT, "%.3f", value);
    }

    private Table samples() {
        List<List<String>> rows = new ArrayList<>();
        for (Sample sample : examination.samples()) {
            rows.add(List.of(sample.prompt(), sample.base(), sample.result()));
        }
        return new Table(
                "How both go on",
                List.of("after", "untouched base", "result"),
                rows,
                "The likeliest token each time.",
                true);
    }

    List<Chart> charts() {
        return List.of(
                new Chart(
                        "Drift from the base, layer by layer",
                        "",
                        "layer",
                        curves("relative distance", SiteFigures::againstBase),
                        List.of()),
                new Chart(
                        "What each layer changes: seams",
                        "",
                        "layer",
                        curves("relative change", SiteFigures::change),
                        List.of()));
    }

    /** What it is, and what it was before the first step. */
    private List<Curve> curves(String distance, Function<SiteFigures, @Nullable Drift> drift) {
        List<Curve> curves = new ArrayList<>();
        curves.add(curve(distance, examination.sites(), site -> distance(drift.apply(site))));
        curves.add(curve("1 - cosine", examination.sites(), site -> angle(drift.apply(site))));
        Grown grown = examination.grown();
        if (grown != null) {
            curves.add(
                    curve(
                            distance + " before the first step",
                            grown.sites(),
                            site -> distance(drift.apply(site))));
            curves.add(
                    curve(
                            "1 - cosine before the first step",
                            grown.sites(),
                            site -> angle(drift.apply(site))));
        }
        return curves;
    }

    private static Curve curve(
            String name, List<SiteFigures> sites, ToDoubleFunction<SiteFigures> value) {
        return new Curve(
                name,
                sites.stream()
                        .map(site -> new Point(site.site(), value.applyAsDouble(site)))
                        .toList());
    }

    /** Where it is NaN the line is broken. */
    private static double distance(@Nullable Drift drift) {
        Double distance = drift == null ? null : drift.relativeMean();
        return distance == null ? Double.NaN : distance;
    }

    private static double angle(@Nullable Drift drift) {
        Double cosine = drift == null ? null : drift.cosineMean();
        return cosine == null ? Double.NaN : 1 - cosine;
    }

    private static String drifted(Drift drift) {
        Double distance = drift.relativeMean();
        return distance == null ? "-" : number(distance);
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.4f", value);
    }
}
