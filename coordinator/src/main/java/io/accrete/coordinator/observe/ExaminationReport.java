package io.accrete.coordinator.observe;

import io.accrete.coordinator.observe.Curve.Point;
import io.accrete.coordinator.observe.Report.Chart;
import io.accrete.coordinator.observe.Report.Table;
import io.accrete.protocol.train.Examination;
import io.accrete.protocol.train.Examination.Drift;
import io.accrete.protocol.train.Examination.Sample;
import io.accrete.protocol.train.Examination.SiteFigures;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** What a report says of the result beside the model that it grew from. */
final class ExaminationReport {
    private final Examination examination;

    ExaminationReport(Examination examination) {
        this.examination = examination;
    }

    List<Table> tables() {
        List<Table> tables = new ArrayList<>();
        tables.add(losses());
        if (examination.sites().stream().anyMatch(ExaminationReport::isTold)) {
            tables.add(clones());
        }
        if (!examination.samples().isEmpty()) {
            tables.add(samples());
        }
        return tables;
    }

    private Table losses() {
        double base = examination.baseLoss();
        double own = examination.loss();
        return new Table(
                "Beside the model that it grew from",
                List.of("", "untouched base", "result"),
                List.of(
                        List.of("loss", number(base), number(own)),
                        List.of("perplexity", number(Math.exp(base)), number(Math.exp(own))),
                        List.of(
                                "time of a new token",
                                millis(examination.basePace()),
                                millis(examination.pace()))),
                String.format(
                        Locale.ROOT,
                        "Losses on the first %,d tokens of the validation files, or of the"
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

    private Table clones() {
        List<List<String>> rows = new ArrayList<>();
        for (SiteFigures site : examination.sites()) {
            if (isTold(site)) {
                Double without = site.lossWithout();
                rows.add(
                        List.of(
                                "layer %d, of %d".formatted(site.site(), site.layer()),
                                without == null ? "" : number(without),
                                without == null
                                        ? ""
                                        : String.format(
                                                Locale.ROOT, "%+.4f", without - examination.loss()),
                                gate(site.attentionGate()),
                                gate(site.mlpGate())));
            }
        }
        return new Table(
                "What each clone contributes",
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
        List<Curve> drift = new ArrayList<>();
        drift.add(curve("relative distance", site -> distance(site.againstBase())));
        drift.add(curve("1 - cosine", site -> angle(site.againstBase())));
        List<Curve> seams = new ArrayList<>();
        seams.add(curve("relative change", site -> distance(site.change())));
        seams.add(curve("1 - cosine", site -> angle(site.change())));
        return List.of(
                new Chart("Drift from the base, layer by layer", "", "layer", drift, List.of()),
                new Chart("What each layer changes: seams", "", "layer", seams, List.of()));
    }

    private Curve curve(String name, ToDoubleFunction<SiteFigures> value) {
        return new Curve(
                name,
                examination.sites().stream()
                        .map(site -> new Point(site.site(), value.applyAsDouble(site)))
                        .toList());
    }

    private static double distance(@Nullable Drift drift) {
        return drift == null ? Double.NaN : drift.relativeMean();
    }

    private static double angle(@Nullable Drift drift) {
        return drift == null ? Double.NaN : 1 - drift.cosineMean();
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.4f", value);
    }
}
