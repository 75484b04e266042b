package io.accrete.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;

import io.accrete.oracle.Material;
import io.accrete.oracle.Weights;
import io.accrete.protocol.job.JobKind;
import io.accrete.protocol.job.JobPhase;
import io.accrete.protocol.job.JobSpec;
import io.accrete.protocol.job.JobView;
import io.accrete.protocol.job.MergeOptions;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.job.StageBudget;
import io.accrete.protocol.job.TrainSummary;
import io.accrete.worker.tensor.PresentDevice;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a training on one machine promises: the same bytes, whatever the cut. */
class TrainRunTest {
    @TempDir private Path scratch;

    @BeforeEach
    void writeText() throws IOException {
        Material.data();
        String text = "Once upon a time there was a little dog. It liked to play in the sun.\n";
        Files.writeString(scratch.resolve("text.txt"), text.repeat(40));
    }

    @Test
    void bitsDoNotDependOnStagesSchedulesOrRecomputation() throws Exception {
        Map<String, String> one = trained("one", "{stages: 1}");
        assertThat(trained("two", "{stages: 2, activations: recompute}")).isEqualTo(one);
        assertThat(trained("three", "{stages: 3, schedule: gpipe}")).isEqualTo(one);
        assertThat(trained("five", "{stages: 5}")).isEqualTo(one);
        assertThat(trained("woven", "{stages: 2, schedule: interleaved, slices_per_stage: 2}"))
                .isEqualTo(one);
    }

    @Test
    void aRecipeThatOnlyListsLayersIsNeitherMergedNorAnotherTraining() throws Exception {
        Map<String, String> bySites = trained("sites", "{stages: 1}");
        Files.writeString(
                scratch.resolve("grow.yml"),
                """
                merge_method: passthrough
                dtype: float32
                slices:
                  - sources: [{model: MODEL, layer_range: [0, 3]}]
                  - sources: [{model: MODEL, layer_range: [1, 5]}]
                """
                        .replace("MODEL", model().toString()));
        Path out = scratch.resolve("by-recipe");
        RunOutcome outcome = run(out, "recipe: grow.yml", "{stages: 1}", "", new Listener());
        assertThat(view(outcome).phase()).as(view(outcome).reason()).isEqualTo(JobPhase.SUCCEEDED);
        assertThat(weights(out)).isEqualTo(bySites);
    }

    @Test
    void theSameTrainingAgainIsThereAlready() throws Exception {
        Map<String, String> weights = trained("out", "{stages: 2}");
        RunOutcome again = run(scratch.resolve("out"), "{stages: 1}", "", new Listener());
        assertThat(view(again).reasonCode()).isEqualTo("ALREADY_PUBLISHED");
        assertThat(view(again).result().orElseThrow())
                .isInstanceOfSatisfying(
                        TrainSummary.class,
                        summary -> {
                            assertThat(summary.steps()).isEqualTo(8);
                            assertThat(summary.tokens()).isPositive();
                            assertThat(summary.validation().after()).isPositive();
                        });
        assertThat(weights(scratch.resolve("out"))).isEqualTo(weights);
    }

    @Test
    void anotherResultIsReplacedOnlyIfAsked() throws Exception {
        Path out = scratch.resolve("out");
        trained("out", "{stages: 1}");
        RunOutcome other = run(out, "{stages: 1}", "seed: 8", new Listener());
        assertThat(view(other).phase()).isEqualTo(JobPhase.FAILED);
        assertThat(view(other).problems())
                .singleElement()
                .satisfies(problem -> assertThat(problem.code()).isEqualTo("STO-021"));
        assertThat(scratch.resolve(".out.accrete")).doesNotExist();
    }

    @Test
    void everyStepIsToldOnce() throws Exception {
        Listener listener = new Listener();
        run(scratch.resolve("out"), "{stages: 2}", "", listener);
        assertThat(listener.steps).containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
        assertThat(listener.validations).containsExactly(0, 4, 8);
    }

    /** Every stage works and waits; what differs from run to run is kept out of all else. */
    @Test
    void everyStepSaysWhereItsTimeWent() throws Exception {
        Listener listener = new Listener();
        run(scratch.resolve("out"), "{stages: 2}", "", listener);
        assertThat(listener.lines).hasSize(8);
        for (JsonNode line : listener.lines) {
            assertThat(line.path("bubble_of_even_stages").asDouble()).isEqualTo(0.25);
            double all = 0;
            double waiting = 0;
            for (JsonNode stage : line.path("stages")) {
                double busy =
                        stage.path("forward_seconds").asDouble()
                                + stage.path("backward_seconds").asDouble();
                assertThat(busy).isPositive().isLessThanOrEqualTo(line.path("seconds").asDouble());
                assertThat(stage.path("resident_bytes").asLong()).isGreaterThan(10_000_000);
                waiting += stage.path("waiting_seconds").asDouble();
                all += busy + stage.path("waiting_seconds").asDouble();
            }
            assertThat(line.path("stages")).hasSize(2);
            assertThat(line.path("bubble").asDouble()).isCloseTo(waiting / all, within(1e-3));
        }
    }

    @Test
    void textWithAMistakeEndsTheJobWithItsPlace() throws Exception {
        Files.writeString(scratch.resolve("text.txt"), "");
        RunOutcome outcome = run(scratch.resolve("out"), "{stages: 1}", "", new Listener());
        assertThat(view(outcome).phase()).isEqualTo(JobPhase.FAILED);
        assertThat(view(outcome).problems())
                .anySatisfy(problem -> assertThat(problem.code()).startsWith("DAT-"));
        assertThat(scratch.resolve("out")).doesNotExist();
    }

    private static JobView view(RunOutcome outcome) {
        assertThat(outcome).isInstanceOf(RunOutcome.Ended.class);
        return ((RunOutcome.Ended) outcome).view();
    }

    private Map<String, String> trained(String name, String pipeline) throws Exception {
        Path out = scratch.resolve(name);
        RunOutcome outcome = run(out, pipeline, "", new Listener());
        assertThat(view(outcome).phase()).as(view(outcome).reason()).isEqualTo(JobPhase.SUCCEEDED);
        assertThat(scratch.resolve("." + name + ".accrete")).doesNotExist();
        return weights(out);
    }

    private static String grown() {
        return """
        model: %s
        sites: [0, 1, 2, 1, 2, 3, 4]
        """
                .formatted(model());
    }

    private static Path model() {
        return Material.data().resolve("models/stories260k-hf");
    }

    private RunOutcome run(Path out, String pipeline, String more, Listener listener)
            throws Exception {
        return run(out, grown(), pipeline, more, listener);
    }

    private RunOutcome run(Path out, String start, String pipeline, String more, Listener listener)
            throws Exception {
        String job =
                """
                %s
                clones: {tie: true, learning_rate: 1/k}
                data: {train: [text.txt], validation: [text.txt], sequence_length: 33}
                batch: {micro_batch: 2, accumulate: 3}
                optimizer: {learning_rate: 0.001, warmup_steps: 2}
                steps: 8
                checkpoint: {every: 3, keep: 2}
                monitor: {validate_every: 4}
                pipeline: %s
                %s
                """
                        .formatted(start, pipeline, more);
        JobSpec spec =
                new JobSpec(
                        JobKind.TRAIN,
                        "job.yml",
                        job,
                        out.toString(),
                        MergeOptions.defaults(scratch.toString()),
                        new StageBudget(5, 1L << 30, 0));
        try (StopSignal stop = StopSignal.listen(sentence -> {})) {
            return TrainRun.run(spec, List.of(PresentDevice.cpu()), listener, stop);
        }
    }

    private static Map<String, String> weights(Path folder) throws IOException {
        Map<String, String> digests = new TreeMap<>();
        Weights.read(folder).tensors().forEach((name, t) -> digests.put(name, t.sha256()));
        return digests;
    }

    private static final class Listener extends Inattentive {
        private final List<Integer> steps = new ArrayList<>();
        private final List<Integer> validations = new ArrayList<>();
        private final List<JsonNode> lines = new ArrayList<>();

        @Override
        public void planned(
                String model,
                long parameters,
                long trained,
                int stages,
                int all,
                List<Problem> warnings) {
            assertThat(parameters).isGreaterThanOrEqualTo(trained);
        }

        @Override
        public void figures(JsonNode line) {
            (line.has("validation") ? validations : steps).add(line.path("step").asInt());
            if (!line.has("validation")) {
                lines.add(line);
            }
        }
    }
}
