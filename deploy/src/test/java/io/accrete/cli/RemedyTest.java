package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

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
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/** Remedies together, through the command: cuts change no bit, and the result is a plain model. */
class RemedyTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final String ALL_AT_ONCE =
            """
            clones: {gates: {kind: channel, init: 1/k, clamp: [0, 2], sites: all-copies}}
            lora: {rank: 2, alpha: 4, targets: [down_proj, q_proj]}
            distill: {teacher: %s, weight: 0.4, temperature: 1.5}
            """;

    @TempDir private Path scratch;
    private Path base = Path.of("");

    @BeforeEach
    void writeText() throws IOException {
        base = Material.data().resolve("models/stories260k-hf");
        String text = "Once upon a time there was a little dog. It liked to play in the sun.\n";
        Files.writeString(scratch.resolve("text.txt"), text.repeat(40));
    }

    @Test
    void bitsDoNotDependOnTheCut() throws IOException {
        String remedies = ALL_AT_ONCE.formatted(base);
        Path one = train("one", remedies, "{stages: 1}");
        Path three = train("three", remedies, "{stages: 3, activations: recompute}");
        Path woven =
                train("woven", remedies, "{stages: 2, schedule: interleaved, slices_per_stage: 3}");
        assertThat(digests(three)).isEqualTo(digests(one));
        assertThat(digests(woven)).isEqualTo(digests(one));
        assertThat(digests(three.resolve("adapter"))).isEqualTo(digests(one.resolve("adapter")));
        assertThat(UntimedMetrics.of(three)).isEqualTo(UntimedMetrics.of(one));
    }

    @Test
    void whatWasAddedIsFoldedIntoAPlainModel() throws IOException {
        Path out = train("folded", ALL_AT_ONCE.formatted(base), "{stages: 2}");
        JsonNode last = JSON.readTree(UntimedMetrics.of(out).getLast());
        CommandLineRun eval =
                CommandLineRun.in(
                        scratch,
                        "eval",
                        "--model",
                        out.toString(),
                        "--data",
                        "text.txt",
                        "--window",
                        "32",
                        "--json");
        assertThat(eval.exitCode()).as(eval.transcript()).isZero();
        assertThat(eval.result().path("loss").asDouble())
                .isCloseTo(last.path("validation").path("loss").asDouble(), within(1e-5));
    }

    @Test
    void aModelWithoutItsClonesTeachesWhatItsBaseTeaches() throws IOException {
        String remedies =
                """
                clones: {init: identity}
                trainable: clones
                distill: {teacher: %s, weight: 0.5}
                """;
        Path self = train("self", remedies.formatted("self"), "{stages: 3}");
        Path other = train("other", remedies.formatted(base), "{stages: 1}");
        assertThat(UntimedMetrics.of(self)).isEqualTo(UntimedMetrics.of(other));
        assertThat(digests(self)).isEqualTo(digests(other));
    }

    @Test
    void roundsOfAGrowthGiveTheSameBitsForEveryCut() throws IOException {
        String growth =
                """
                clones: {gates: {kind: scalar, init: 1}}
                grow: {rounds: [{after_site: 1, steps: 3}, {after_site: 6, steps: 4}]}
                """;
        Path one = run("grow", "one", growth, "{stages: 1}");
        Path three = run("grow", "three", growth, "{stages: 3}");
        assertThat(digests(three)).isEqualTo(digests(one));
        assertThat(UntimedMetrics.of(three)).isEqualTo(UntimedMetrics.of(one));
        assertThat(Weights.read(one).tensors()).containsKey("model.layers.8.mlp.up_proj.weight");
        List<JsonNode> validations = validations(one);
        assertThat(validations.get(0).path("step").asInt()).isZero();
        assertThat(JSON.readTree(UntimedMetrics.of(one).getLast()).path("step").asInt())
                .isEqualTo(7);
    }

    @Test
    void clonesThatAreUntiedGoOnFromWhatTheyHadInCommon() throws IOException {
        Path tied = train("tied", "clones: {tie: true}\n", "{stages: 2}");
        Path apart = train("apart", "clones: {tie: true, untie_at: 3}\n", "{stages: 2}");
        Path again = train("again", "clones: {tie: true, untie_at: 3}\n", "{stages: 4}");
        assertThat(digests(again)).isEqualTo(digests(apart));
        // the step after untying still starts from the same weights
        assertThat(lossOf(apart, 4)).isEqualTo(lossOf(tied, 4));
        assertThat(lossOf(apart, 6)).isNotEqualTo(lossOf(tied, 6));
        Map<String, String> own = digests(apart);
        assertThat(own.get("model.layers.3.mlp.up_proj.weight"))
                .isNotEqualTo(own.get("model.layers.1.mlp.up_proj.weight"));
        assertThat(digests(tied).get("model.layers.3.mlp.up_proj.weight"))
                .isEqualTo(digests(tied).get("model.layers.1.mlp.up_proj.weight"));
    }

    @Test
    void aRoundEndsWhereTheValidationIsFlat() throws IOException {
        Path out =
                run(
                        "grow",
                        "flat",
                        """
                        learning_rates: {"*": 0}
                        grow:
                          rounds: [{after_site: 0, steps: 50}, {after_site: 2, steps: 50}]
                          plateau: {patience: 2, minimum_steps: 6}
                        """,
                        "{stages: 2}");
        assertThat(JSON.readTree(UntimedMetrics.of(out).getLast()).path("step").asInt())
                .isEqualTo(12);
        assertThat(Weights.read(out).tensors()).containsKey("model.layers.8.mlp.up_proj.weight");
    }

    @Test
    void aPoisonedBatchIsSkippedAndSaid() throws IOException {
        CommandLineRun run = poisoned("survived", "{z: 8}", "", 75);
        assertThat(run.exitCode()).as(run.transcript()).isZero();
        assertThat(run.err())
                .contains("step 76 was skipped: the loss is")
                .containsPattern("(layer \\d|embedding and head) ha(s|ve) .* its usual gradient");
        assertThat(skipped(scratch.resolve("survived"))).containsExactly(76);
        assertThat(Files.readString(scratch.resolve("survived/report.html")))
                .contains("step 76", "skipped");
    }

    @Test
    void poisonThatComesAgainLeadsBackTheSameWayWhereverCheckpointsAre() throws IOException {
        String spike = "{z: 8, then: [skip, {rollback: {steps: 5, rate: 0.25}}, pause]}";
        CommandLineRun run = poisoned("often", spike, "checkpoint: {every: 2}", 72, 73);
        assertThat(run.exitCode()).as(run.transcript()).isZero();
        assertThat(run.err())
                .contains("step 74 leads back to step 69, and on from there at 0.25 times the");
        Path often = scratch.resolve("often");
        CommandLineRun other = poisoned("rarely", spike, "checkpoint: {every: 500}", 72, 73);
        assertThat(other.exitCode()).as(other.transcript()).isZero();
        assertThat(UntimedMetrics.of(scratch.resolve("rarely")))
                .isEqualTo(UntimedMetrics.of(often));
        assertThat(digests(scratch.resolve("rarely"))).isEqualTo(digests(often));
        assertThat(skipped(often)).as("the step that was skipped is undone as well").isEmpty();
        List<JsonNode> lines = new ArrayList<>();
        for (String line : UntimedMetrics.of(often)) {
            lines.add(JSON.readTree(line));
        }
        assertThat(lines).filteredOn(line -> line.has("rollback")).hasSize(1);
        assertThat(lines).filteredOn(line -> line.has("loss")).hasSize(80);
        assertThat(lines.stream().filter(l -> l.path("step").asInt() == 80).findFirst())
                .hasValueSatisfying(
                        last ->
                                assertThat(last.path("learning_rate").asDouble())
                                        .isEqualTo(0.25 * 0.001));
        assertThat(Files.readString(often.resolve("report.html"))).contains("back from 74");
    }

    @Test
    void aGuardThatPausesIsOverruledByTheSameCommand() throws IOException {
        String spike = "{z: 8, then: [pause]}";
        CommandLineRun run = poisoned("paused", spike, "", 75);
        assertThat(run.exitCode()).as(run.transcript()).isEqualTo(1);
        assertThat(run.err()).contains("step 76 was skipped: the loss is");
        CommandLineRun again = poisoned("paused", spike, "", 75);
        assertThat(again.exitCode()).as(again.transcript()).isZero();
        Path out = scratch.resolve("paused");
        assertThat(skipped(out)).containsExactly(76);
        poisoned("skipped", "{z: 8}", "", 75);
        assertThat(digests(out)).isEqualTo(digests(scratch.resolve("skipped")));
    }

    @Test
    void whatWasPausedGoesOnOverFewerOrMoreStages() throws IOException {
        String spike = "{z: 8, then: [pause]}";
        poisoned("skipped", "{z: 8}", "", 75);
        for (int stages : List.of(1, 3)) {
            String name = "over-" + stages;
            CommandLineRun run = poisoned(name, spike, "pipeline: {stages: 2}", 75);
            assertThat(run.exitCode()).as(run.transcript()).isEqualTo(1);
            CommandLineRun other = poisoned(name, spike, "seed: 8", 75);
            assertThat(other.exitCode()).as(other.transcript()).isEqualTo(4);
            assertThat(other.err()).contains("STO-211");
            String cut = "pipeline: {stages: %d}\ncheckpoint: {every: 1}".formatted(stages);
            CommandLineRun again = poisoned(name, spike, cut, 75);
            assertThat(again.exitCode()).as(again.transcript()).isZero();
            assertThat(again.err()).contains("resuming after step 76");
            assertThat(digests(scratch.resolve(name)))
                    .isEqualTo(digests(scratch.resolve("skipped")));
        }
    }

    /** Trains on rows of a few ids, but for some rows, counted from 0, of others. */
    private CommandLineRun poisoned(String name, String spike, String more, int... poison)
            throws IOException {
        Random random = new Random(3);
        List<String> rows = new ArrayList<>();
        for (int row = 0; row < 100; row++) {
            int number = row;
            boolean poisoned = IntStream.of(poison).anyMatch(p -> p == number);
            List<Integer> ids = new ArrayList<>(List.of(1));
            for (int i = 0; i < 16; i++) {
                // ids 400 and above are rare letters; the others are the same few again and again
                ids.add(poisoned ? 400 + random.nextInt(100) : 300 + (row + i) % 7);
            }
            rows.add("{\"input_ids\": %s}".formatted(ids));
        }
        if (!Files.exists(scratch.resolve("rows.jsonl"))) {
            Files.write(scratch.resolve("rows.jsonl"), rows);
        }
        Path job = scratch.resolve(name + ".yml");
        Files.writeString(
                job,
                """
                model: %s
                data: {train: rows.jsonl, sequence_length: 17, shuffle: false, pack: false}
                batch: {micro_batch: 1, accumulate: 1}
                optimizer: {learning_rate: 0.001, schedule: constant}
                steps: 80
                monitor: {spike: %s}
                %s
                """
                        .formatted(base, spike, more));
        return CommandLineRun.in(
                scratch, "train", job.toString(), scratch.resolve(name).toString());
    }

    private static List<Integer> skipped(Path folder) throws IOException {
        List<Integer> skipped = new ArrayList<>();
        for (String line : UntimedMetrics.of(folder)) {
            JsonNode figures = JSON.readTree(line);
            if (figures.path("skipped").asBoolean()) {
                skipped.add(figures.path("step").asInt());
            }
        }
        return skipped;
    }

    @Test
    void validationTextThatIsTrainedOnIsSaidWithItsCount() throws IOException {
        // run() validates on its training text: all of its rows but the last, shorter one
        Path job = scratch.resolve("same.yml");
        Files.writeString(
                job,
                """
                model: %s
                data: {train: text.txt, validation: text.txt, sequence_length: 65}
                batch: {micro_batch: 1, accumulate: 1}
                steps: 1
                """
                        .formatted(base));
        CommandLineRun same = CommandLineRun.in(scratch, "train", "same.yml", "same");
        assertThat(same.exitCode()).as(same.transcript()).isZero();
        assertThat(same.err()).containsPattern("\\d+ of the \\d+ rows of data.validation stand in");
        Files.writeString(scratch.resolve("other.txt"), "A king had three sons. ".repeat(20));
        Files.writeString(
                job, Files.readString(job).replace("validation: text", "validation: other"));
        CommandLineRun other = CommandLineRun.in(scratch, "train", "same.yml", "other");
        assertThat(other.err()).doesNotContain("stand in data.train");
    }

    @Test
    void aBranchOfZerosOnDiskBehindAGateOfZeroIsRefused() throws IOException {
        Files.writeString(
                scratch.resolve("zero.yml"),
                """
                merge_method: passthrough
                slices:
                  - sources: [{model: %1$s, layer_range: [0, 4]}]
                  - sources:
                      - model: %1$s
                        layer_range: [3, 4]
                        parameters:
                          scale: [{filter: down_proj, value: 0.0}, {value: 1.0}]
                  - sources: [{model: %1$s, layer_range: [4, 5]}]
                """
                        .formatted(base));
        CommandLineRun merge = CommandLineRun.in(scratch, "merge", "zero.yml", "zero");
        assertThat(merge.exitCode()).as(merge.transcript()).isZero();
        Files.writeString(
                scratch.resolve("dead.yml"),
                """
                model: zero
                clones: {gates: {kind: scalar, init: 0}}
                data: {train: text.txt, sequence_length: 33}
                steps: 1
                """);
        CommandLineRun run = CommandLineRun.in(scratch, "train", "dead.yml", "dead");
        assertThat(run.exitCode()).as(run.transcript()).isNotZero();
        assertThat(run.err())
                .contains(
                        "[TRN-114]", "`model.layers.4.mlp.down_proj.weight` is zero in the model");
    }

    @Test
    void trainAndGrowSendJobsToEachOther() throws IOException {
        Path job = scratch.resolve("job.yml");
        Files.writeString(
                job, "model: m\ndata: {train: a.txt}\ngrow: {rounds: [{after_site: 0}]}\n");
        CommandLineRun train = CommandLineRun.in(scratch, "train", "job.yml", "out");
        assertThat(train.exitCode()).isEqualTo(3);
        assertThat(train.err()).contains("run `accrete grow`");
        Files.writeString(job, "model: m\ndata: {train: a.txt}\n");
        CommandLineRun grow = CommandLineRun.in(scratch, "grow", "job.yml", "out");
        assertThat(grow.exitCode()).isEqualTo(3);
        assertThat(grow.err()).contains("add `grow:");
    }

    private static List<JsonNode> validations(Path folder) throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : UntimedMetrics.of(folder)) {
            JsonNode figures = JSON.readTree(line);
            if (figures.has("validation")) {
                lines.add(figures);
            }
        }
        return lines;
    }

    private static double lossOf(Path folder, int step) throws IOException {
        for (String line : UntimedMetrics.of(folder)) {
            JsonNode figures = JSON.readTree(line);
            if (figures.has("loss") && figures.path("step").asInt() == step) {
                return figures.path("loss").asDouble();
            }
        }
        throw new AssertionError("no step " + step);
    }

    private Path train(String name, String remedies, String pipeline) throws IOException {
        return run("train", name, remedies, pipeline);
    }

    private Path run(String command, String name, String remedies, String pipeline)
            throws IOException {
        Path job = scratch.resolve(name + ".yml");
        Files.writeString(
                job,
                """
                model: %s
                sites: [0, 1, 2, 1, 2, 3, 4]
                %s
                data: {train: text.txt, validation: text.txt, sequence_length: 33}
                batch: {micro_batch: 2, accumulate: 3}
                optimizer: {learning_rate: 0.01, warmup_steps: 2}
                steps: 6
                monitor: {validate_every: 3}
                pipeline: %s
                """
                        .formatted(base, remedies, pipeline));
        Path out = scratch.resolve(name);
        CommandLineRun run =
                CommandLineRun.in(scratch, command, job.toString(), out.toString(), "--json");
        assertThat(run.exitCode()).as(run.transcript()).isZero();
        return out;
    }

    private static Map<String, String> digests(Path folder) throws IOException {
        return Weights.read(folder).digests();
    }
}
