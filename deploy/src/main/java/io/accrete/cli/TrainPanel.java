package io.accrete.cli;

import com.fasterxml.jackson.databind.JsonNode;

import io.accrete.protocol.train.StageKeys;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a terminal shows of a training: how far it is, its losses, its stages. */
final class TrainPanel {
    private static final int BAR = 24;
    private static final int CURVE = 60;

    private final int steps;
    private final String stages;
    private final long begunNanos;
    private final LossCurve curve = new LossCurve();

    /** The last step that an earlier run has done. */
    private int before;

    private int step;
    private @Nullable JsonNode last;
    private @Nullable Double firstValidation;
    private @Nullable JsonNode validation;

    /**
     * @param steps of all
     * @param stages as they are to be shown
     */
    TrainPanel(int steps, String stages, long nowNanos) {
        this.steps = steps;
        this.stages = stages;
        this.begunNanos = nowNanos;
    }

    /**
     * Steps that are not done by this run, so that they say nothing about the time that is left.
     */
    void resumed(int done) {
        before = done;
        step = Math.max(step, done);
    }

    /** A line of the metrics. */
    void add(JsonNode line) {
        if (line.has("validation")) {
            if (firstValidation == null) {
                firstValidation = line.path("validation").path("loss").asDouble();
            }
            validation = line;
        } else if (line.has("loss")) {
            step = line.path("step").asInt();
            last = line;
            curve.add(line.path("loss").asDouble(Double.NaN));
        }
    }

    /** The last step that was added. */
    int step() {
        return step;
    }

    List<String> lines(long nowNanos) {
        List<String> lines = new ArrayList<>();
        lines.add(progress(nowNanos));
        if (last != null) {
            lines.add(
                    "loss %s  %s"
                            .formatted(
                                    FigureText.number(last.path("loss"), "%.4f"),
                                    curve.text(CURVE)));
        }
        if (validation != null) {
            lines.add(validation(validation));
        }
        lines.add(stages);
        if (last != null && last.has(StageKeys.BUBBLE)) {
            lines.add(load(last));
        }
        return lines;
    }

    private String progress(long nowNanos) {
        int filled = (int) ((long) BAR * Math.min(step, steps) / Math.max(1, steps));
        String text =
                "step %d of %d  %s%s  %d %%"
                        .formatted(
                                step,
                                steps,
                                "█".repeat(filled),
                                "░".repeat(BAR - filled),
                                100L * Math.min(step, steps) / Math.max(1, steps));
        if (last != null) {
            text +=
                    "  %s tokens/s"
                            .formatted(FigureText.number(last.path("tokens_per_second"), "%,.0f"));
        }
        double secondsPerStep = (nowNanos - begunNanos) / 1e9 / Math.max(1, step - before);
        return step > before && step < steps
                ? text
                        + "  "
                        + ProgressMeter.time(Math.round(secondsPerStep * (steps - step)))
                        + " left"
                : text;
    }

    /** How busy the stages were in the last step, and what their processes have in memory. */
    private static String load(JsonNode line) {
        StringBuilder text = new StringBuilder("busy  ");
        int stage = 0;
        for (JsonNode one : line.path(StageKeys.STAGES)) {
            double busy =
                    one.path(StageKeys.FORWARD).asDouble()
                            + one.path(StageKeys.BACKWARD).asDouble();
            double all = busy + one.path(StageKeys.WAITING).asDouble();
            text.append(
                    "  %d: %.0f %%, %s"
                            .formatted(
                                    stage++,
                                    all == 0 ? 100 : 100 * busy / all,
                                    ByteCount.text(one.path(StageKeys.RESIDENT).asLong())));
        }
        return "%s  bubble %.1f %% (even stages %.1f %%)"
                .formatted(
                        text,
                        100 * line.path(StageKeys.BUBBLE).asDouble(),
                        100 * line.path(StageKeys.BUBBLE_OF_EVEN_STAGES).asDouble());
    }

    private String validation(JsonNode line) {
        String text =
                "validation loss %s after step %s"
                        .formatted(
                                FigureText.number(line.path("validation").path("loss"), "%.4f"),
                                line.path("step"));
        return firstValidation == null || line.path("step").asInt() == 0
                ? text
                : text + String.format(Locale.ROOT, ", %.4f at first", firstValidation);
    }
}
