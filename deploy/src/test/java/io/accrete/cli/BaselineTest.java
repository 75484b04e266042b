package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.accrete.oracle.Material;
import io.accrete.oracle.Weights;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** The fair bar: what the base becomes on the same text, trained by itself or beside a job. */
class BaselineTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final String TEXT =
            """
            data: {train: text.txt, validation: held.txt, sequence_length: 33}
            batch: {micro_batch: 2, accumulate: 2}
            optimizer: {learning_rate: 0.001, warmup_steps: 1}
            steps: 4
            """;

    @TempDir private Path scratch;
    private Path base = Path.of("");

    @BeforeEach
    void writeTexts() throws IOException {
        base = Material.data().resolve("models/stories260k-hf");
        StoryTexts.write(scratch);
    }

    private CommandLineRun run(String command, String name, String job) throws IOException {
        Files.writeString(scratch.resolve(name + ".yml"), job);
        CommandLineRun run = CommandLineRun.in(scratch, command, name + ".yml", name, "--json");
        assertThat(run.exitCode()).as(run.transcript()).isZero();
        return run;
    }

    private Map<String, String> digests(String name) throws IOException {
        Map<String, String> digests = new TreeMap<>();
        Weights.read(scratch.resolve(name))
                .tensors()
                .forEach((tensor, values) -> digests.put(tensor, values.sha256()));
        return digests;
    }

    @Test
    void itIsWhatTheBaseBecomesInAJobOfItsOwn() throws IOException {
        CommandLineRun grown =
                run(
                        "train",
                        "grown",
                        """
                        model: %s
                        sites: [0, 1, 2, 1, 2, 3, 4]
                        clones: {init: 1/k, learning_rate: 1/k, gates: {kind: scalar, init: 0.5}}
                        learning_rates: {"*": 0.5}
                        baseline: true   # the fair bar
                        """
                                        .formatted(base)
                                + TEXT);
        run("train", "plain", "model: %s\n".formatted(base) + TEXT);
        assertThat(digests("grown-baseline")).isEqualTo(digests("plain"));
        JsonNode plain = certificate("plain");
        JsonNode own = certificate("grown");
        double bar = plain.path("metrics").path("validation_after").asDouble();
        assertThat(own.path("metrics").path("baseline_after").asDouble()).isEqualTo(bar);
        assertThat(grown.result().path("baseline").path("validation").path("after").asDouble())
                .isEqualTo(bar);
        assertThat(Files.readString(scratch.resolve("grown/report.html")))
                .contains("the fair bar", "<td>%.4f</td>".formatted(bar));
    }

    @Test
    void ofAModelThatHasGrownItIsTheModelWithoutItsClones() throws IOException {
        run(
                "train",
                "merged",
                "model: %s\nsites: [0, 1, 2, 1, 2, 3, 4]\nlearning_rates: {\"*\": 0}\n"
                                .formatted(base)
                        + TEXT);
        run("train", "healed", "model: merged\nbaseline: true\n" + TEXT);
        run("train", "plain", "model: %s\n".formatted(base) + TEXT);
        assertThat(digests("healed-baseline")).isEqualTo(digests("plain"));
    }

    @Test
    void aGrowthIsComparedWithAsManySteps() throws IOException {
        run(
                "grow",
                "rounds",
                "model: %s\ngrow: {rounds: [{after_site: 1, steps: 2}, {after_site: 3}]}\n"
                                .formatted(base)
                        + "baseline: true\n"
                        + TEXT);
        assertThat(certificate("rounds-baseline").path("metrics").path("steps").asInt())
                .isEqualTo(6);
        assertThat(certificate("rounds").path("metrics").path("baseline_after").isNumber())
                .isTrue();
    }

    /** No round is better by half than the one before: each ends as soon as it may. */
    @Test
    void theBaseOfAGrowthThatAPlateauEndedHasAsManySteps() throws IOException {
        CommandLineRun grown =
                run(
                        "grow",
                        "early",
                        """
                        model: %s
                        grow:
                          rounds: [{after_site: 1, steps: 9}, {after_site: 3, steps: 9}]
                          plateau: {patience: 1, minimum_steps: 2, delta: 0.5}
                        monitor: {validate_every: 1}
                        baseline: true
                        """
                                        .formatted(base)
                                + TEXT);
        assertThat(certificate("early").path("metrics").path("steps").asInt()).isEqualTo(4);
        run("train", "plain", "model: %s\nmonitor: {validate_every: 1}\n".formatted(base) + TEXT);
        assertThat(digests("early-baseline")).isEqualTo(digests("plain"));
        double bar = certificate("plain").path("metrics").path("validation_after").asDouble();
        assertThat(certificate("early").path("metrics").path("baseline_after").asDouble())
                .isEqualTo(bar);
        assertThat(grown.result().path("baseline").path("steps").asInt()).isEqualTo(4);
        assertThat(grown.result().path("baseline").path("validation").path("after").asDouble())
                .isEqualTo(bar);
        assertThat(grown.err()).contains("now its base on the same text, in 4 steps");
    }

    @ParameterizedTest
    @CsvSource({"steps: 4, 'steps: 4\nseed: 8'", "steps: 4, steps: 5"})
    void anotherBaseIsNoBar(String own, String other) throws IOException {
        String text = TEXT.replace(own, other);
        run("train", "grown-baseline", "model: %s\n".formatted(base) + text);
        run("train", "grown", "model: %s\nsites: [0, 1, 2, 3, 3, 4]\n".formatted(base) + TEXT);
        assertThat(certificate("grown").path("metrics").path("baseline_after").isNull()).isTrue();
    }

    private JsonNode certificate(String name) throws IOException {
        return JSON.readTree(scratch.resolve(name).resolve("certificate.json").toFile());
    }

    /** With halves at both sites the model drifts, and the training moves it further. */
    @Test
    void whatGrewIsLookedAtBeforeItsFirstStepToo() throws IOException {
        run(
                "train",
                "moved",
                """
                model: %s
                sites: [0, 1, 2, 1, 2, 3, 4]
                clones: {init: 1/k, gates: {kind: scalar, init: 0.75}}
                monitor: {validate_every: 2}
                baseline: true
                """
                                .formatted(base)
                        + TEXT.replace("0.001", "0.01"));
        JsonNode look = JSON.readTree(scratch.resolve("moved/examination.json").toFile());
        JsonNode metrics = certificate("moved").path("metrics");
        JsonNode grown = look.path("grown");
        // Few tokens: those of the examination are all of the validation file.
        assertThat(grown.path("loss").asDouble())
                .isCloseTo(metrics.path("validation_before").asDouble(), within(1e-5))
                .isNotCloseTo(look.path("loss").asDouble(), within(1e-3))
                .isNotCloseTo(look.path("base_loss").asDouble(), within(1e-3));
        assertThat(look.path("validation").path("tokens")).isEqualTo(look.path("tokens"));
        assertThat(look.path("validation").path("base_loss").asDouble())
                .isCloseTo(look.path("base_loss").asDouble(), within(1e-9))
                .isCloseTo(
                        certificate("moved-baseline")
                                .path("metrics")
                                .path("validation_before")
                                .asDouble(),
                        within(1e-5));
        assertThat(grown.path("sites")).hasSize(7);
        JsonNode clone = grown.path("sites").path(3);
        assertThat(clone.path("loss_without").isNumber()).isTrue();
        assertThat(clone.path("mlp_gate").asDouble()).isEqualTo(0.75);
        assertThat(clone.path("against_base").path("relative_mean").asDouble())
                .isPositive()
                .isNotEqualTo(
                        look.path("sites")
                                .path(3)
                                .path("against_base")
                                .path("relative_mean")
                                .asDouble());
        assertThat(Files.readString(scratch.resolve("moved/report.html")))
                .contains(
                        "untouched base",
                        "grown, before the first step",
                        "the fair bar",
                        "What each clone contributed before the first step",
                        "relative distance before the first step");
    }

    /** What a growth grows from, and what its first round inserts, is the base at first. */
    @Test
    void aGrowthIsLookedAtBeforeItsFirstStepToo() throws IOException {
        run(
                "grow",
                "rounds",
                "model: %s\ngrow: {rounds: [{after_site: 1, steps: 2}, {after_site: 3}]}\n"
                                .formatted(base)
                        + TEXT);
        JsonNode look = JSON.readTree(scratch.resolve("rounds/examination.json").toFile());
        assertThat(look.path("grown").path("loss")).isEqualTo(look.path("base_loss"));
        assertThat(look.path("grown").path("sites")).hasSize(6);
        assertThat(look.path("sites")).hasSize(7);
    }

    @Test
    void theResultIsExaminedBesideItsBase() throws IOException {
        run(
                "train",
                "examined",
                """
                model: %s
                sites: [0, 1, 2, 1, 2, 3, 4]
                clones: {init: identity, gates: {kind: channel, init: 1, sites: [3]}}
                learning_rates: {"*": 0}
                monitor: {validate_every: 2, sample: ["Once upon a time"]}
                """
                                .formatted(base)
                        + TEXT);
        JsonNode look = JSON.readTree(scratch.resolve("examined/examination.json").toFile());
        // Nothing has learnt, and clones add nothing: both are the same model.
        assertThat(look.path("loss").asDouble()).isEqualTo(look.path("base_loss").asDouble());
        assertThat(look.path("loss").asDouble())
                .isCloseTo(
                        certificate("examined").path("metrics").path("validation_after").asDouble(),
                        within(1e-5));
        JsonNode clone = look.path("sites").path(3);
        assertThat(clone.path("loss_without").asDouble()).isEqualTo(look.path("loss").asDouble());
        assertThat(clone.path("attention_gate").asDouble()).isEqualTo(1);
        assertThat(clone.path("change").path("relative_mean").asDouble()).isZero();
        assertThat(look.path("sites").path(0).path("loss_without").isNull()).isTrue();
        assertThat(look.path("samples")).hasSize(1);
        assertThat(look.path("samples").path(0).path("prompt").asText())
                .isEqualTo("Once upon a time");
        assertThat(look.path("samples").path(0).path("base").asText())
                .isNotEmpty()
                .isEqualTo(look.path("samples").path(0).path("result").asText());
        assertThat(look.path("pace").path("millis_per_token").asDouble()).isPositive();
        JsonNode grown = look.path("grown");
        assertThat(grown.path("loss").asDouble()).isEqualTo(look.path("loss").asDouble());
        assertThat(grown.path("sites").path(3).path("attention_gate").asDouble()).isEqualTo(1);
        assertThat(ExaminationText.lines(scratch.resolve("examined")))
                .hasSize(3)
                .anyMatch(line -> line.contains("states drifted by 0.000 (0.000 before)"))
                .contains("  clones that contribute nothing: layers 3, 4");
        assertThat(ExaminationText.lines(scratch)).isEmpty();
    }
}
