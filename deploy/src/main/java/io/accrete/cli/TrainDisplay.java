package io.accrete.cli;

import io.accrete.local.TrainListener;

import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** How a training goes on: a bar on a terminal, some lines elsewhere, events under JSON. */
final class TrainDisplay implements TrainListener, AutoCloseable {
    private static final int COLUMNS = 100;
    private static final long LINE_NANOS = 5_000_000_000L;

    private final Surroundings surroundings;
    private final OutputOptions output;
    private @Nullable ProgressBar bar;
    private int steps;
    private long lineNanos;

    TrainDisplay(Surroundings surroundings, OutputOptions output) {
        this.surroundings = surroundings;
        this.output = output;
    }

    @Override
    public void begun(
            String model, long parameters, long trained, int stages, int all, int resumedAt) {
        steps = all;
        lineNanos = System.nanoTime();
        say(
                String.format(
                        Locale.ROOT,
                        "%s: %,d parameters, %,d of them learn, %d %s, %d steps",
                        model,
                        parameters,
                        trained,
                        stages,
                        stages == 1 ? "stage" : "stages",
                        all));
        if (resumedAt > 0) {
            say("resuming after step %d".formatted(resumedAt));
        }
        if (surroundings.errIsTerminal() && !output.quiet()) {
            bar =
                    new ProgressBarBuilder()
                            .setTaskName("training")
                            .setInitialMax(all)
                            .startsFrom(resumedAt, Duration.ZERO)
                            .setUnit(" steps", 1)
                            .showSpeed()
                            .setStyle(ProgressBarStyle.UNICODE_BLOCK)
                            .setConsumer(
                                    new ConsoleProgressBarConsumer(surroundings.err(), COLUMNS))
                            .build();
        }
    }

    @Override
    public void figures(Map<String, ?> line) {
        boolean validation = line.containsKey("validation");
        if (output.json()) {
            Map<String, Object> event = new LinkedHashMap<>();
            event.put("event", validation ? "validation" : "step");
            event.putAll(line);
            new JsonLines(surroundings.out()).write(event);
        }
        if (!validation && bar != null && line.get("step") instanceof Integer step) {
            bar.stepTo(step);
            bar.setExtraMessage(" loss " + number(line.get("loss"), "%.4f"));
        }
        long now = System.nanoTime();
        if (bar == null && (validation || now - lineNanos >= LINE_NANOS)) {
            lineNanos = now;
            say(text(line));
        }
    }

    private String text(Map<String, ?> line) {
        String where = "step %s of %d: ".formatted(line.get("step"), steps);
        return line.get("validation") instanceof Map<?, ?> figures
                ? where + "validation loss " + number(figures.get("loss"), "%.4f")
                : where
                        + "loss "
                        + number(line.get("loss"), "%.4f")
                        + ", "
                        + number(line.get("tokens_per_second"), "%,.0f")
                        + " tokens/s";
    }

    /** What is not finite has no number. */
    private static String number(@Nullable Object value, String format) {
        return value instanceof Double number ? String.format(Locale.ROOT, format, number) : "-";
    }

    @Override
    public void note(String sentence) {
        surroundings.err().println("warning: " + sentence);
    }

    private void say(String line) {
        if (!output.quiet()) {
            surroundings.err().println(line);
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
