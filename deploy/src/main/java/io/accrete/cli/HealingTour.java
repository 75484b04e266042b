package io.accrete.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.accrete.coordinator.observe.Curve;
import io.accrete.coordinator.observe.Curve.Point;
import io.accrete.coordinator.observe.Report;
import io.accrete.coordinator.observe.Report.Chart;
import io.accrete.coordinator.observe.Report.Table;
import io.accrete.coordinator.observe.ReportPage;
import io.accrete.protocol.merge.Site;
import io.accrete.tour.StoryWriter;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * The second half of the tour: a grown model is healed, beside its base that reads the same text,
 * by the commands that everybody has.
 */
final class HealingTour {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int STORIES_A_STEP = 7;
    private static final int HELD_OUT = 150;
    private static final int VALIDATIONS = 6;

    /** A model before and after. */
    record Row(String name, String folder, int layers, List<Point> validation) {
        double before() {
            return validation.getFirst().y();
        }

        double after() {
            return validation.getLast().y();
        }
    }

    private record Way(String name, String folder, int layers, String model, String clones) {}

    private static final List<Way> WAYS =
            List.of(
                    new Way("base, fine-tuned: the fair bar", "tuned", 6, "base", ""),
                    new Way("grown, clones as copied", "healed-copies", 10, "grown", ""),
                    new Way(
                            "grown, clones silent at first",
                            "healed",
                            10,
                            "grown",
                            "clones: {init: identity}\n"));

    private final Surroundings surroundings;
    private final Path place;
    private final int steps;
    private final long seed;
    private final boolean quiet;
    private final Consumer<String> say;

    /**
     * @param place has the models {@code base} and {@code grown}
     */
    HealingTour(
            Surroundings surroundings,
            Path place,
            int steps,
            long seed,
            boolean quiet,
            Consumer<String> say) {
        this.surroundings = surroundings;
        this.place = place;
        this.steps = steps;
        this.seed = seed;
        this.quiet = quiet;
        this.say = say;
    }

    /**
     * @param sites of the grown model
     * @throws Refusal if one of the commands fails
     */
    List<Row> run(List<Site> sites) throws IOException, Refusal {
        Files.writeString(
                place.resolve("stories.txt"),
                new StoryWriter(seed + 2).write(STORIES_A_STEP * steps));
        Files.writeString(place.resolve("held-out.txt"), new StoryWriter(seed + 3).write(HELD_OUT));
        List<Row> rows = new ArrayList<>();
        for (Way way : WAYS) {
            rows.add(train(way));
        }
        table(rows).forEach(say);
        Files.writeString(place.resolve("report.html"), ReportPage.html(report(rows, sites)));
        say.accept("");
        say.accept("report: " + place.resolve("report.html"));
        return rows;
    }

    private Row train(Way way) throws IOException, Refusal {
        String job = way.folder() + ".yml";
        Files.writeString(place.resolve(job), text(way));
        say.accept("accrete train %s %s".formatted(job, way.folder()));
        Surroundings inside =
                new Surroundings(
                        place,
                        new PrintStream(OutputStream.nullOutputStream()),
                        surroundings.err(),
                        surroundings.environment(),
                        false,
                        surroundings.errIsTerminal());
        int code = Main.execute(inside, "train", job, way.folder(), quiet ? "--quiet" : "--json");
        if (code != ExitCode.DONE.code()) {
            boolean stopped = code == ExitCode.INTERRUPTED.code();
            throw new Refusal(stopped ? ExitCode.INTERRUPTED : ExitCode.JOB_FAILED, List.of());
        }
        return new Row(
                way.name(),
                way.folder(),
                way.layers(),
                validations(place.resolve(way.folder()).resolve("metrics.jsonl")));
    }

    private String text(Way way) {
        return """
        # %s
        model: %s
        %sdata: {train: [stories.txt], validation: [held-out.txt], sequence_length: 129}
        batch: {micro_batch: 4, accumulate: 1}
        optimizer: {learning_rate: 5e-4}
        steps: %d
        monitor: {validate_every: %d}
        pipeline: {stages: 1}
        """
                .formatted(
                        way.name(),
                        way.model(),
                        way.clones(),
                        steps,
                        Math.max(1, steps / VALIDATIONS));
    }

    private static List<Point> validations(Path metrics) throws IOException {
        List<Point> points = new ArrayList<>();
        for (String line : Files.readAllLines(metrics)) {
            JsonNode figures = JSON.readTree(line);
            if (figures.has("validation")) {
                points.add(
                        new Point(
                                figures.path("step").asInt(),
                                figures.path("validation").path("loss").asDouble()));
            }
        }
        return points;
    }

    private List<String> table(List<Row> rows) {
        List<String> lines = new ArrayList<>();
        lines.add("");
        lines.add(
                "%-32s  %6s  %9s  %9s"
                        .formatted("loss on held-out stories", "layers", "before", "after"));
        for (Row row : rows) {
            lines.add(
                    String.format(
                            Locale.ROOT,
                            "%-32s  %6d  %9.4f  %9.4f",
                            row.name(),
                            row.layers(),
                            row.before(),
                            row.after()));
        }
        return lines;
    }

    private Report report(List<Row> rows, List<Site> sites) {
        List<List<String>> cells = new ArrayList<>();
        for (Row row : rows) {
            cells.add(
                    List.of(
                            row.name(),
                            String.valueOf(row.layers()),
                            String.format(Locale.ROOT, "%.4f", row.before()),
                            String.format(Locale.ROOT, "%.4f", row.after()),
                            String.format(Locale.ROOT, "%.3f", Math.exp(row.after()))));
        }
        return new Report(
                "Six layers become ten",
                "A small model that has read self-made stories is grown, and both read on for %d steps."
                        .formatted(steps),
                sites,
                List.of(
                        new Table(
                                "Loss on held-out stories",
                                List.of("", "layers", "before", "after", "perplexity after"),
                                cells,
                                "One seed, one small model: what helps here says little about"
                                        + " large ones.")),
                List.of(
                        new Chart(
                                "Loss on held-out stories",
                                "nats",
                                "step",
                                rows.stream()
                                        .map(row -> new Curve(row.name(), row.validation()))
                                        .toList(),
                                List.of())),
                List.of(),
                List.of());
    }
}
