package io.accrete.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.oracle.LastCheckpoint;
import io.accrete.protocol.fixture.TinyModels;
import io.accrete.protocol.job.JobKind;
import io.accrete.protocol.job.JobSpec;
import io.accrete.protocol.job.MergeOptions;
import io.accrete.protocol.job.ReasonCode;
import io.accrete.protocol.job.StageBudget;
import io.accrete.worker.tensor.PresentDevice;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;

/**
 * How a training is cut changes no bit of what it learns, whatever model and batches it has: both
 * are drawn from a seed, which a failure names. {@code -Daccrete.cuts=N} draws N of them, from
 * {@code -Daccrete.seed} on.
 */
class CutPropertyTest {
    private static final long SEED = Long.getLong("accrete.seed", 1);
    private static final int DRAWS = Integer.getInteger("accrete.cuts", 1);
    private static final int STAGES_MAX = 5;
    private static final int STEPS = 2;

    @TempDir private Path scratch;

    /** What is drawn: a model, and all of a job but its pipeline. */
    private record Drawn(TinyModels.Llama model, String rows, String job) {
        static Drawn from(Random random) {
            int kvHeads = random.nextInt(1, 3);
            int heads = kvHeads * random.nextInt(1, 3);
            int layers = random.nextInt(STAGES_MAX, STAGES_MAX + 2);
            int vocabulary = random.nextInt(11, 60);
            TinyModels.Llama model =
                    new TinyModels.Llama(
                            layers,
                            heads * 2 * random.nextInt(1, 6),
                            heads,
                            kvHeads,
                            random.nextInt(3, 40),
                            vocabulary,
                            TinyModels.llama().dtype(),
                            random.nextBoolean(),
                            1,
                            random.nextLong(),
                            false);
            List<Integer> sites = new ArrayList<>();
            for (int layer = 0; layer < layers; layer++) {
                sites.add(layer);
                if (sites.size() == layer + 1 && random.nextBoolean()) {
                    sites.add(layer);
                }
            }
            int microBatch = random.nextInt(1, 4);
            int accumulate = random.nextInt(1, 5);
            int length = random.nextInt(2, 20);
            String job =
                    """
                    model: m
                    sites: %s
                    clones: {tie: %s}
                    data: {train: [rows.jsonl], sequence_length: %d, shuffle: %s, pack: false}
                    batch: {micro_batch: %d, accumulate: %d}
                    optimizer: {learning_rate: 0.01, clip_norm: %s, warmup_steps: 0}
                    steps: %d
                    """
                            .formatted(
                                    sites,
                                    random.nextBoolean(),
                                    length,
                                    random.nextBoolean(),
                                    microBatch,
                                    accumulate,
                                    random.nextBoolean() ? "0.1" : "null",
                                    STEPS);
            StringBuilder rows = new StringBuilder();
            for (int row = 0; row < STEPS * microBatch * accumulate; row++) {
                int ids = random.nextInt(2, length + 1);
                rows.append("{\"input_ids\": ")
                        .append(random.ints(ids, 0, vocabulary).boxed().toList())
                        .append("}\n");
            }
            return new Drawn(model, rows.toString(), job);
        }
    }

    static LongStream seeds() {
        return LongStream.range(SEED, SEED + DRAWS);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void noCutChangesWhatIsLearnt(long seed) throws Exception {
        Random random = new Random(seed);
        Drawn drawn = Drawn.from(random);
        drawn.model().write(scratch.resolve("m"));
        Files.writeString(scratch.resolve("rows.jsonl"), drawn.rows());

        Map<String, String> whole = learnt(drawn, 1, "schedule: gpipe, activations: keep");
        assertThat(whole.keySet()).anyMatch(name -> name.startsWith("exp_avg_sq."));
        for (int stages : List.of(random.nextInt(2, STAGES_MAX), STAGES_MAX)) {
            boolean woven = stages == 2 && random.nextBoolean();
            String schedule =
                    woven
                            ? "schedule: interleaved, slices_per_stage: 2"
                            : "schedule: " + (random.nextBoolean() ? "gpipe" : "1f1b");
            String pipeline =
                    schedule + ", activations: " + (random.nextBoolean() ? "keep" : "recompute");
            assertThat(learnt(drawn, stages, pipeline))
                    .as("seed %d, %d stages, %s:%n%s", seed, stages, pipeline, drawn.job())
                    .isEqualTo(whole);
        }
    }

    /** Digests of values, moments and step counts after the last step. */
    private Map<String, String> learnt(Drawn drawn, int stages, String pipeline) throws Exception {
        Path out = scratch.resolve("out-%d".formatted(stages));
        LastCheckpoint last = LastCheckpoint.of(out);
        JobSpec spec =
                new JobSpec(
                        JobKind.TRAIN,
                        "job.yml",
                        drawn.job() + "pipeline: {stages: %d, %s}%n".formatted(stages, pipeline),
                        out.toString(),
                        MergeOptions.defaults(scratch.toString()),
                        new StageBudget(stages, 1L << 30, 0));
        try (StopSignal stop = StopSignal.listen(sentence -> {})) {
            RunOutcome outcome =
                    TrainRun.run(spec, List.of(PresentDevice.cpu()), new Inattentive(), stop);
            assertThat(outcome)
                    .as("%s: %s", drawn.job(), outcome)
                    .isInstanceOfSatisfying(
                            RunOutcome.Ended.class,
                            ended ->
                                    assertThat(ended.view().reasonCode())
                                            .as(ended.view().reason())
                                            .isEqualTo(ReasonCode.PUBLISH_FAILED.name()));
        }
        return last.weights().digests();
    }
}
