package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

import io.accrete.oracle.Material;
import io.accrete.oracle.UntimedMetrics;
import io.accrete.oracle.Weights;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A growth that begins with steps of the model as it is. */
class GrowthTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir private Path scratch;
    private Path base = Path.of("");

    @BeforeEach
    void writeTexts() throws IOException {
        base = Material.data().resolve("models/stories260k-hf");
        StoryTexts.write(scratch);
    }

    @Test
    void untilTheInsertionItIsThePlainTraining() throws IOException {
        Path plain = run("train", "plain", "", "{stages: 1}");
        Path grown =
                run(
                        "grow",
                        "grown",
                        """
                        clones: {learning_rate: 1/k}
                        grow: {steps_before: 4, rounds: [{after_site: [1, 3], steps: 2}]}
                        """,
                        "{stages: 2}");
        List<JsonNode> lines = lines(grown);
        List<JsonNode> steps = lines.stream().filter(line -> line.has("loss")).toList();
        assertThat(steps.stream().map(line -> line.path("round").asInt()))
                .containsExactly(0, 0, 0, 0, 1, 1);
        assertThat(withoutRounds(lines.subList(0, 7)))
                .as("validation, two steps, validation, two steps, validation")
                .isEqualTo(withoutRounds(lines(plain)));
        // the rate begins anew, with its warm-up
        assertThat(steps.get(4).path("learning_rate").asDouble()).isEqualTo(0.005);
        assertThat(steps.get(5).path("site_grad_norms")).hasSize(7);
        assertThat(Weights.read(grown).tensors()).containsKey("model.layers.6.mlp.up_proj.weight");
        JsonNode certificate = JSON.readTree(grown.resolve("certificate.json").toFile());
        assertThat(certificate.path("metrics").path("steps").asInt()).isEqualTo(6);
        long tokens = steps.stream().mapToLong(line -> line.path("tokens").asLong()).sum();
        assertThat(Files.readString(grown.resolve("report.html")))
                .contains(String.format(Locale.ROOT, ">6 steps on %,d tokens; ", tokens));
    }

    @Test
    void whatIsInsertedAddsNothingAtFirst() throws IOException {
        String rounds = "rounds: [{after_site: [1, 3], steps: 2}]}\n";
        Path plain = run("train", "longer", "", "{stages: 1}", 5, "constant");
        Path grown =
                run(
                        "grow",
                        "grown",
                        "grow: {steps_before: 4, " + rounds,
                        "{stages: 1}",
                        4,
                        "constant");
        assertThat(step(grown, 5).path("loss").asDouble())
                .isEqualTo(step(plain, 5).path("loss").asDouble());
    }

    @Test
    void oneScheduleGoesOnThroughAllRounds() throws IOException {
        Path plain = run("train", "longer", "", "{stages: 1}", 6, "cosine");
        Path grown =
                run(
                        "grow",
                        "grown",
                        """
                        grow:
                          steps_before: 3
                          schedule_over: growth
                          rounds: [{after_site: 1, steps: 1}, {after_site: 0, steps: 2}]
                        """,
                        "{stages: 1}");
        for (int step = 1; step <= 6; step++) {
            assertThat(step(grown, step).path("learning_rate"))
                    .isEqualTo(step(plain, step).path("learning_rate"));
        }
    }

    @Test
    void bitsDoNotDependOnTheCut() throws IOException {
        String growth =
                """
                clones: {gates: {kind: scalar, init: 1, sites: all-copies}}
                distill: {teacher: %s, weight: 0.3, hidden: [1, 4]}
                grow: {steps_before: 2, rounds: [{after_site: [0, 4], steps: 2}, {after_site: 2}]}
                """
                        .formatted(base);
        Path one = run("grow", "one", growth, "{stages: 1}");
        Path three = run("grow", "three", growth, "{stages: 3, activations: recompute}");
        assertThat(UntimedMetrics.of(three)).isEqualTo(UntimedMetrics.of(one));
        assertThat(Weights.read(three).digests()).isEqualTo(Weights.read(one).digests());
    }

    @Test
    void statesAreMatchedWithThoseOfTheSameLayersInEveryRound() throws IOException {
        String growth =
                """
                learning_rates: {"*": 0}
                distill: {teacher: %s, hidden: [1, 4]}
                grow: {steps_before: 1, rounds: [{after_site: [0, 4], steps: 1}, {after_site: 2}]}
                """
                        .formatted(base);
        Path out = run("grow", "still", growth, "{stages: 2}");
        for (int step : List.of(1, 2, 3)) {
            assertThat(step(out, step).path("micro_hidden").valueStream())
                    .as("the base is its own teacher, and clones add nothing")
                    .isNotEmpty()
                    .allMatch(distance -> distance.asDouble() == 0);
        }
    }

    @Test
    void withoutAPlateauEveryRoundTakesAllOfItsSteps() throws IOException {
        String growth =
                """
                learning_rates: {"*": 0}
                grow:
                  steps_before: 6
                  rounds: [{after_site: 0, steps: 5}]
                  plateau: %s
                """;
        String rule = "{patience: 1, minimum_steps: 2}";
        Path flat = run("grow", "flat", growth.formatted(rule), "{stages: 1}");
        Path fixed = run("grow", "fixed", growth.formatted("null"), "{stages: 1}");
        assertThat(lines(flat).getLast().path("step").asInt()).isEqualTo(4);
        assertThat(lines(fixed).getLast().path("step").asInt()).isEqualTo(11);
    }

    private Path run(String command, String name, String growth, String pipeline)
            throws IOException {
        return run(command, name, growth, pipeline, 4, "cosine");
    }

    private Path run(
            String command, String name, String growth, String pipeline, int steps, String schedule)
            throws IOException {
        Files.writeString(
                scratch.resolve(name + ".yml"),
                """
                model: %s
                %s
                data: {train: text.txt, validation: held.txt, sequence_length: 33}
                batch: {micro_batch: 2, accumulate: 2}
                optimizer: {learning_rate: 0.01, warmup_steps: 2, schedule: %s}
                steps: %d
                monitor: {validate_every: 2}
                pipeline: %s
                """
                        .formatted(base, growth, schedule, steps, pipeline));
        CommandLineRun run = CommandLineRun.in(scratch, command, name + ".yml", name, "--json");
        assertThat(run.exitCode()).as(run.transcript()).isZero();
        return scratch.resolve(name);
    }

    private static List<JsonNode> lines(Path folder) throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : UntimedMetrics.of(folder)) {
            lines.add(JSON.readTree(line));
        }
        return lines;
    }

    private static List<String> withoutRounds(List<JsonNode> lines) {
        return lines.stream().map(line -> ((ObjectNode) line).without("round").toString()).toList();
    }

    private static JsonNode step(Path folder, int step) throws IOException {
        return lines(folder).stream()
                .filter(line -> line.has("loss") && line.path("step").asInt() == step)
                .findFirst()
                .orElseThrow();
    }
}
