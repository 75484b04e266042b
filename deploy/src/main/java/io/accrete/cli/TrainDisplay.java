package io.accrete.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

import io.accrete.local.TrainListener;
import io.accrete.protocol.job.Problem;

import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Locale;

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
    public void planned(
            String model,
            long parameters,
            long trained,
            int stages,
            int all,
            List<Problem> warnings) {
        warnings.forEach(problem -> surroundings.err().print(problem.render()));
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
        if (surroundings.errIsTerminal() && !output.quiet()) {
            bar =
                    new ProgressBarBuilder()
                            .setTaskName("training")
                            .setInitialMax(all)
                            .setUnit(" steps", 1)
                            .showSpeed()
                            .setStyle(ProgressBarStyle.UNICODE_BLOCK)
                            .setConsumer(
                                    new ConsoleProgressBarConsumer(surroundings.err(), COLUMNS))
                            .build();
        }
    }

    @Override
    public void resumed(int step) {
        say("resuming after step %d".formatted(step));
        if (bar != null) {
            bar.stepTo(step);
        }
    }

    @Override
    public void figures(JsonNode line) {
        boolean validation = line.has("validation");
        if (output.json()) {
            ObjectNode event = JsonNodeFactory.instance.objectNode();
            String step = line.has("rollback") ? "rollback" : "step";
            event.put("event", validation ? "validation" : step);
            event.setAll((ObjectNode) line);
            new JsonLines(surroundings.out()).write(event);
        }
        if (!validation && bar != null) {
            bar.stepTo(line.path("step").asInt());
            bar.setExtraMessage(" loss " + FigureText.number(line.path("loss"), "%.4f"));
        }
        long now = System.nanoTime();
        boolean told = line.has("rollback"); // as a note
        if (bar == null && !told && (validation || now - lineNanos >= LINE_NANOS)) {
            lineNanos = now;
            say(text(line));
        }
    }

    private String text(JsonNode line) {
        return "step %s of %d: %s".formatted(line.path("step"), steps, FigureText.figures(line));
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
