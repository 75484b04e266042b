package io.accrete.coordinator.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.accrete.protocol.job.Problem;
import io.accrete.protocol.tensor.DType;
import io.accrete.protocol.train.SiteRange;
import io.accrete.protocol.train.StageMemory;
import io.accrete.protocol.train.TrainPlan;
import io.accrete.protocol.train.TrainPlan.StagePlan;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

class TrainPlannerTest {
    private static final DeviceModel GPU = new DeviceModel(80_000_000_000L, 30e12);
    private static final DeviceModel CORE = new DeviceModel(1_000_000_000L, 40e9);
    private static final String CLONES_OF_120_BILLION =
            TrainModels.sitesOf120Billion()
                    + "trainable: clones\n"
                    + "batch: {micro_batch: 1, accumulate: 64}\n";

    private static TrainOutcome plan(
            String lines, TrainedModel model, DeviceModel worker, int workers) {
        return TrainPlanner.plan(
                new TrainRequest(
                        JobReader.read("job.yml", TrainJobs.LEAST + lines),
                        model,
                        Optional.empty(),
                        Collections.nCopies(workers, worker)));
    }

    private static TrainPlan planned(String lines, TrainedModel model, int workers) {
        TrainOutcome outcome = plan(lines, model, CORE, workers);
        assertThat(outcome.problems()).isEmpty();
        return outcome.phases().getFirst().plan();
    }

    private static Problem refusal(String lines, TrainedModel model, DeviceModel worker, int n) {
        TrainOutcome outcome = plan(lines, model, worker, n);
        assertThat(outcome.phases()).isEmpty();
        assertThat(outcome.problems()).as(outcome.problems().toString()).hasSize(1);
        return outcome.problems().getFirst();
    }

    private static TrainReport.Pipeline pipeline(TrainReport report) {
        return Objects.requireNonNull(report.pipeline());
    }

    @Test
    void theClonesOf120BillionParametersTrainOnSixteenDevices() {
        TrainOutcome outcome =
                plan(CLONES_OF_120_BILLION, TrainModels.llama3With70Billion(), GPU, 16);
        assertThat(outcome.problems()).isEmpty();
        TrainReport report = outcome.report().orElseThrow();
        assertThat(report.layers()).isEqualTo(140);
        assertThat(report.parameters()).isBetween(121_800_000_000L, 121_950_000_000L);
        assertThat(report.trainedParameters()).isBetween(51_300_000_000L, 51_400_000_000L);
        TrainReport.Pipeline pipeline = pipeline(report);
        assertThat(pipeline.stages()).allMatch(stage -> stage.memoryBytes() <= stage.workerBytes());
        assertThat(pipeline.bubble()).isBetween(pipeline.bubbleOfEvenStages(), 0.5);
        assertThat(pipeline.bubbleIfSplit()).isLessThan(pipeline.bubble());
        assertThat(report.checkpointBytes()).isEqualTo(12 * report.trainedParameters());
    }

    @Test
    void onEightDevicesTheyDoNotFitAndTheArithmeticIsShown() {
        Problem problem = refusal(CLONES_OF_120_BILLION, TrainModels.llama3With70Billion(), GPU, 8);
        assertThat(problem.code()).isEqualTo("TRN-107");
        assertThat(problem.message())
                .contains("a stage of 8 needs", "its worker has 80.0 GB", "moments", "working");
        assertThat(problem.fix()).matches("with 1[2-5] workers of 80.0 GB it fits");
    }

    @Test
    void aJobThatNamesItsStagesIsToldToNameMore() {
        String job = CLONES_OF_120_BILLION + "pipeline: {stages: 8}\n";
        Problem problem = refusal(job, TrainModels.llama3With70Billion(), GPU, 8);
        assertThat(problem.fix())
                .matches("with `stages: (1[2-5])` on \\1 workers of 80.0 GB it fits");
    }

    @Test
    void onEightDevicesTheNormsOf120BillionParametersTrain() {
        TrainOutcome outcome =
                plan(
                        TrainModels.sitesOf120Billion()
                                + "trainable: norms\n"
                                + "batch: {micro_batch: 1, accumulate: 64}\n",
                        TrainModels.llama3With70Billion(),
                        GPU,
                        8);
        assertThat(outcome.problems()).isEmpty();
        assertThat(outcome.phases().getFirst().plan().stages()).hasSize(8);
    }

    @Test
    void whatIsNamedAsFittingFits() {
        TrainedModel model = TrainModels.llama3With70Billion();
        String fix = refusal(CLONES_OF_120_BILLION, model, GPU, 8).fix();
        int named = Integer.parseInt(fix.replaceAll("\\D*(\\d+) workers.*", "$1"));
        assertThat(plan(CLONES_OF_120_BILLION, model, GPU, named).ok()).isTrue();
        assertThat(plan(CLONES_OF_120_BILLION, model, GPU, named - 1).ok()).isFalse();
    }

    @Test
    void memoryFollowsTheFormula() {
        // a layer has 2 x 64 + 2 x 32 + 3 x 128 + 16 elements
        TrainedModel model = TrainModels.small(2, false);
        String lines = "pipeline: {stages: 2, activations: %s}\ntrainable: %s\n";
        StageMemory kept = first(lines.formatted("keep", "all"), model);
        long trained = 592 + 32 * 8;
        assertThat(kept.weights()).isZero();
        assertThat(kept.masters()).isEqualTo(4 * trained);
        assertThat(kept.gradients()).isEqualTo(4 * trained);
        assertThat(kept.moments()).isEqualTo(8 * trained);
        long tokens = 4 * 512;
        // two micro-batches in flight on the first of two stages
        long site = 4 * 8 + 2 * 8 + 2 * 4 + 4 * 16 + 2 + 2;
        assertThat(kept.activations()).isEqualTo(2 * 4 * tokens * (site + 8));
        StageMemory recomputed = first(lines.formatted("recompute", "all"), model);
        assertThat(recomputed.activations()).isEqualTo(2 * 4 * tokens * (8 + 8));
        StageMemory frozen = first(lines.formatted("keep", "['model.layers.1.*']"), model);
        assertThat(frozen.weights()).isEqualTo(4 * trained);
        assertThat(frozen.masters() + frozen.gradients() + frozen.moments()).isZero();
        assertThat(frozen.activations()).isZero();
    }

    private static List<Long> edges(String lines, TrainedModel model, int stages) {
        return planned(lines, model, stages).stages().stream()
                .map(stage -> stage.memory().edges())
                .toList();
    }

    /**
     * To a neighbour one arrives at a time and two leave; states of 4 x 512 tokens of 8 numbers.
     */
    @Test
    void buffersBetweenStagesAreCounted() {
        long states = 4 * 4 * 512 * 8;
        String stages = "pipeline: {stages: %d}\n";
        assertThat(edges(stages.formatted(1), TrainModels.small(3, true), 1)).containsExactly(0L);
        assertThat(edges(stages.formatted(3), TrainModels.small(3, false), 3))
                .containsExactly(3 * states, 6 * states, 3 * states);
        assertThat(first(stages.formatted(2), TrainModels.small(3, false)).total())
                .as("they are part of the whole")
                .isGreaterThanOrEqualTo(3 * states);
        // the value goes from the stage of the embedding to that of the head, the gradient back
        long embedding = 4 * 32 * 8;
        assertThat(edges(stages.formatted(3), TrainModels.small(3, true), 3))
                .containsExactly(
                        3 * states + 2 * embedding, 6 * states, 3 * states + 2 * embedding);
        assertThat(edges(stages.formatted(2) + "trainable: norms\n", TrainModels.small(2, true), 2))
                .as("what does not learn stays where it is")
                .containsExactly(3 * states, 3 * states);
    }

    /** Layer 0 is at sites 0, 1 and 3: two of them on the first of two stages. */
    @Test
    void tiedClonesOnOtherStagesAreCounted() {
        String job = "sites: [0, 0, 1, 0]\nclones: {tie: true}\npipeline: {stages: 2}\n";
        long states = 4 * 4 * 512 * 8;
        long layer = 4 * (2 * 64 + 2 * 32 + 3 * 128 + 16);
        List<StagePlan> stages = planned(job, TrainModels.small(2, false), 2).stages();
        assertThat(stages.getFirst().slices().getFirst().end()).isEqualTo(2);
        assertThat(stages.getFirst().memory().edges()).isEqualTo(3 * states + 2 * layer);
        assertThat(stages.getLast().memory().edges()).isEqualTo(3 * states + 2 * layer);
    }

    private static StageMemory first(String lines, TrainedModel model) {
        return planned(lines, model, 2).stages().getFirst().memory();
    }

    @Test
    void aHeadOfTiedEmbeddingsIsACopyWithoutMoments() {
        TrainPlan tied = planned("pipeline: {stages: 2}", TrainModels.small(2, true), 2);
        TrainPlan untied = planned("pipeline: {stages: 2}", TrainModels.small(2, false), 2);
        StageMemory copy = tied.stages().getLast().memory();
        StageMemory own = untied.stages().getLast().memory();
        assertThat(copy.masters()).isEqualTo(own.masters());
        assertThat(own.moments() - copy.moments()).isEqualTo(8 * 32 * 8);
    }

    @ParameterizedTest
    @CsvSource({"1, 1f1b, 1", "2, gpipe, 1", "3, 1f1b, 1", "5, 1f1b, 1", "2, interleaved, 3"})
    void everySiteHasOnePlace(int stages, String schedule, int slices) {
        TrainPlan plan =
                planned(
                        "pipeline: {stages: %d, schedule: %s, slices_per_stage: %d}"
                                .formatted(stages, schedule, slices),
                        TrainModels.small(7, false),
                        5);
        assertThat(plan.stages()).hasSize(stages);
        List<Integer> sites = new ArrayList<>();
        for (int slice = 0; slice < slices; slice++) {
            for (StagePlan stage : plan.stages()) {
                SiteRange range = stage.slices().get(slice);
                for (int site = range.first(); site < range.end(); site++) {
                    sites.add(site);
                }
            }
        }
        assertThat(sites).containsExactly(0, 1, 2, 3, 4, 5, 6);
    }

    @Test
    void theCutCountsTheHead() {
        TrainedModel wide = TrainModels.of(64, 8, 4, 4, 128, 32_000, false, DType.F32);
        List<StagePlan> stages = planned("pipeline: {stages: 2}", wide, 2).stages();
        assertThat(stages.getLast().slices().getFirst().size())
                .isLessThan(stages.getFirst().slices().getFirst().size());
    }

    @Test
    void withoutANumberAsManyStagesAsPayAreTaken() {
        TrainedModel model = TrainModels.of(64, 8, 4, 4, 128, 64, false, DType.F32);
        assertThat(planned("", model, 1).stages()).hasSize(1);
        assertThat(planned("", model, 4).stages()).hasSize(4);
        TrainOutcome one = plan("batch: {accumulate: 1}", model, CORE, 4);
        assertThat(one.phases().getFirst().plan().stages())
                .as("one micro-batch gains nothing from more stages")
                .hasSize(1);
    }

    @Test
    void activationsAreKeptWhereTheyFitAndElseRecomputed() {
        TrainedModel model = TrainModels.small(4, false);
        assertThat(planned("", model, 1).recompute()).isFalse();
        DeviceModel tight = new DeviceModel(6_000_000, 40e9);
        TrainOutcome outcome = plan("", model, tight, 1);
        assertThat(outcome.phases().getFirst().plan().recompute()).isTrue();
        assertThat(outcome.report().orElseThrow().advice())
                .anyMatch(advice -> advice.contains("computed twice"));
        Problem problem = refusal("pipeline: {activations: keep}", model, tight, 1);
        assertThat(problem.code()).isEqualTo("TRN-107");
        assertThat(
                        plan("pipeline: {activations: keep}", model, tight, 1)
                                .report()
                                .orElseThrow()
                                .advice())
                .contains("with `activations: recompute` it fits");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "sites: [0, 3] | TRN-101 | layer 3, and the model has layers 0..2",
                "trainable: clones | TRN-102 | no layer of the model is known to be a clone",
                "clones: {init: identity} | TRN-102 | no layer of the model is known",
                "trainable: ['*.q_prj.*'] | TRN-103 | no parameter matches '*.q_prj.*'",
                "pipeline: {stages: 4} | TRN-105 | 4 stages of 1 slices need at least 4 layers",
                "pipeline: {stages: 3} | TRN-106 | 3 stages need 3 workers; there are 2",
            })
    void whatTheModelLacksIsSaid(String line, String code, String words) {
        TrainOutcome outcome = plan(line.strip(), TrainModels.small(3, false), CORE, 2);
        Problem first = outcome.problems().getFirst();
        assertThat(first.code()).isEqualTo(code);
        assertThat(first.message()).contains(words);
        assertThat(first.line()).isEqualTo(3);
        assertThat(outcome.phases()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "learning_rates: {nothing: 2}",
                "clones: {tie: true}",
                "data: {train: [a], sequence_length: 9000}"
            })
    void whatHasNoEffectIsAWarning(String line) {
        TrainOutcome outcome =
                TrainPlanner.plan(
                        new TrainRequest(
                                JobReader.read(
                                        "job.yml",
                                        line.startsWith("data")
                                                ? "model: m\n" + line
                                                : TrainJobs.LEAST + line),
                                TrainModels.small(3, false),
                                Optional.empty(),
                                List.of(new DeviceModel(100_000_000_000L, 1e12))));
        assertThat(outcome.problems()).hasSize(1).noneMatch(Problem::isError);
        assertThat(outcome.phases()).isNotEmpty();
    }

    @Test
    void aStepTakesAsLongAsItsOperations() {
        TrainedModel model = TrainModels.small(1, false);
        TrainReport.Pipeline pipeline =
                pipeline(
                        plan("pipeline: {activations: keep}", model, CORE, 1)
                                .report()
                                .orElseThrow());
        long tokens = 4 * 512;
        double products = 2.0 * tokens * (576 + 32 * 8);
        double attention = 2.0 * tokens * 512 * 8;
        // forward once; backward twice
        assertThat(pipeline.stepSeconds())
                .isEqualTo(8 * 3 * (products + attention) / 40e9, within(1e-12));
        assertThat(pipeline.bubble()).isZero();
        assertThat(pipeline.tokensPerSecond())
                .isEqualTo(8 * tokens / pipeline.stepSeconds(), within(1e-6));
    }
}
