package io.accrete.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

import io.accrete.local.TrainListener;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.train.SiteRange;
import io.accrete.protocol.train.TrainPlan.StagePlan;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** How a training goes on: a panel on a terminal, some lines elsewhere, events under JSON. */
final class TrainDisplay implements TrainListener, AutoCloseable {
    private static final long LINE_NANOS = 5_000_000_000L;

    private final Surroundings surroundings;
    private final OutputOptions output;
    private @Nullable LivePanel live;
    private @Nullable TrainPanel panel;
    private List<StagePlan> cut = List.of();
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
            live = new LivePanel(surroundings.err());
            panel = new TrainPanel(all, stages(stages), lineNanos);
        }
    }

    @Override
    public void cut(List<StagePlan> stages) {
        cut = stages;
    }

    /** For example {@code stages 0: layers 0..3, 1.2 MB 1: layers 4..7, 1.5 MB}. */
    private String stages(int count) {
        if (cut.isEmpty()) {
            return "stages  %d".formatted(count);
        }
        StringBuilder text = new StringBuilder("stages");
        for (int stage = 0; stage < cut.size(); stage++) {
            StagePlan plan = cut.get(stage);
            String layers =
                    plan.slices().stream()
                            .map(SiteRange::toString)
                            .collect(Collectors.joining(" and "));
            text.append(
                    "  %d: layers %s, %s"
                            .formatted(stage, layers, ByteCount.text(plan.memory().total())));
        }
        return text.toString();
    }

    @Override
    public void resumed(int step) {
        say("resuming after step %d".formatted(step));
        if (panel != null) {
            panel.resumed(step);
        }
    }

    @Override
    public void beside(String folder, int count) {
        steps = count;
        say("now its base on the same text, in %d steps: %s".formatted(count, folder));
        if (panel != null) {
            panel = new TrainPanel(count, "its base, for the fair bar", System.nanoTime());
        }
    }

    @Override
    public void figures(JsonNode line) {
        boolean validation = line.has("validation");
        boolean sample = line.has("sample");
        if (output.json()) {
            ObjectNode event = JsonNodeFactory.instance.objectNode();
            event.put("event", event(line));
            event.setAll((ObjectNode) line);
            new JsonLines(surroundings.out()).write(event);
        }
        long now = System.nanoTime();
        if (live != null && panel != null) {
            panel.add(line);
            live.show(panel.lines(now), now);
        }
        boolean told = line.has("rollback"); // as a note
        if (sample) {
            say(text(line));
        } else if (live == null && !told && (validation || now - lineNanos >= LINE_NANOS)) {
            lineNanos = now;
            say(text(line));
        }
    }

    private static String event(JsonNode line) {
        return Stream.of("validation", "sample", "rollback")
                .filter(line::has)
                .findFirst()
                .orElse("step");
    }

    private String text(JsonNode line) {
        return "step %s of %d: %s".formatted(line.path("step"), steps, FigureText.figures(line));
    }

    @Override
    public void note(String sentence) {
        stay("warning: " + sentence);
    }

    private void say(String line) {
        if (!output.quiet()) {
            stay(line);
        }
    }

    private void stay(String line) {
        if (live != null) {
            live.say(line);
        } else {
            surroundings.err().println(line);
        }
    }

    @Override
    public void close() {
        if (live != null) {
            live.close();
        }
    }
}
