package io.accrete.coordinator.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.protocol.job.Problem;
import io.accrete.protocol.tensor.DType;
import io.accrete.protocol.train.BatchSettings;
import io.accrete.protocol.train.CheckpointSettings;
import io.accrete.protocol.train.CloneSettings;
import io.accrete.protocol.train.DataSettings;
import io.accrete.protocol.train.MonitorSettings;
import io.accrete.protocol.train.OptimizerSettings;
import io.accrete.protocol.train.OutputSettings;
import io.accrete.protocol.train.PipelineSettings;
import io.accrete.protocol.train.RateRule;
import io.accrete.protocol.train.SpikeAction;
import io.accrete.protocol.train.SpikeSettings;
import io.accrete.protocol.train.StartingModel;
import io.accrete.protocol.train.TrainJob;
import io.accrete.protocol.train.TrainableSet;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

class JobReaderTest {
    private static final String LEAST = "model: out/grown\ndata: {train: [stories.txt]}\n";

    private static TrainJob job(String text) {
        ParsedJob parsed = JobReader.read("job.yml", text);
        assertThat(parsed.problems()).isEmpty();
        return parsed.job().orElseThrow();
    }

    private static Problem problem(String text) {
        List<Problem> problems = JobReader.read("job.yml", text).problems();
        assertThat(problems).hasSize(1);
        return problems.getFirst();
    }

    @Test
    void theLeastJobHasEveryDefault() {
        assertThat(job(LEAST))
                .isEqualTo(
                        new TrainJob(
                                new StartingModel.Folder("out/grown"),
                                List.of(),
                                new CloneSettings(
                                        CloneSettings.Init.COPY,
                                        false,
                                        OptionalInt.empty(),
                                        CloneSettings.Rate.ONE,
                                        Optional.empty()),
                                new TrainableSet.All(),
                                List.of(),
                                Optional.empty(),
                                Optional.empty(),
                                new DataSettings(
                                        List.of("stories.txt"), List.of(), 512, true, true),
                                new BatchSettings(4, 8),
                                new OptimizerSettings(
                                        3e-5,
                                        0.9,
                                        0.95,
                                        1e-8,
                                        0.1,
                                        OptimizerSettings.Decay.MATRICES,
                                        OptionalDouble.of(1),
                                        OptimizerSettings.Schedule.COSINE,
                                        20,
                                        0),
                                200,
                                Optional.empty(),
                                new PipelineSettings(
                                        OptionalInt.empty(),
                                        1,
                                        PipelineSettings.Schedule.ONE_F_ONE_B,
                                        PipelineSettings.Activations.AUTO,
                                        1),
                                new CheckpointSettings(20, 3),
                                new MonitorSettings(20, List.of(), Optional.empty()),
                                new OutputSettings(
                                        DType.F32, 5_000_000_000L, OutputSettings.Which.LAST),
                                7));
    }

    @Test
    void everySettingCanBeWritten() {
        TrainJob job =
                job(
                        """
                        recipe: grow.yml
                        clones: {init: 1/k, tie: true, untie_at: null, learning_rate: 1/k,
                                 gates: {kind: none, init: 1/k, clamp: null, sites: all-copies}}
                        trainable: ["*.q_proj.weight", model.norm.weight]
                        learning_rates: {"model.layers.3.*": 0.5, "*": 0}
                        lora: null
                        distill:
                        data: {train: a.txt, validation: [b.txt], sequence_length: 2,
                               shuffle: false, pack: no}
                        baseline: false
                        batch: {micro_batch: 1, accumulate: 2}
                        optimizer: {learning_rate: 3e-5, betas: [0, 0.999], epsilon: 1e-6,
                                    weight_decay: 0, decay: all, clip_norm: null,
                                    schedule: linear, warmup_steps: 0, min_ratio: 0.1}
                        steps: 1e3
                        grow: null
                        pipeline: {stages: 3, slices_per_stage: 2, schedule: interleaved,
                                   activations: recompute, threads: 2}
                        checkpoint: {every: 5, keep: 1}
                        monitor: {validate_every: 7, sample: ["Once upon"], spike: null}
                        output: {dtype: bfloat16, shard_size: 2GiB, which: best}
                        precision: float32
                        seed: -3
                        x-note: [anchors, may, live, here]
                        """);
        assertThat(job.start()).isEqualTo(new StartingModel.Merge("grow.yml"));
        assertThat(job.clones())
                .isEqualTo(
                        new CloneSettings(
                                CloneSettings.Init.ONE_OVER_K,
                                true,
                                OptionalInt.empty(),
                                CloneSettings.Rate.ONE_OVER_K,
                                Optional.empty()));
        assertThat(job.trainable())
                .isEqualTo(
                        new TrainableSet.Matching(List.of("*.q_proj.weight", "model.norm.weight")));
        assertThat(job.learningRates())
                .containsExactly(new RateRule("model.layers.3.*", 0.5), new RateRule("*", 0));
        assertThat(job.data())
                .isEqualTo(new DataSettings(List.of("a.txt"), List.of("b.txt"), 2, false, false));
        assertThat(job.optimizer())
                .isEqualTo(
                        new OptimizerSettings(
                                3e-5,
                                0,
                                0.999,
                                1e-6,
                                0,
                                OptimizerSettings.Decay.ALL,
                                OptionalDouble.empty(),
                                OptimizerSettings.Schedule.LINEAR,
                                0,
                                0.1));
        assertThat(job.steps()).isEqualTo(1000);
        assertThat(job.pipeline().stages()).hasValue(3);
        assertThat(job.pipeline().schedule()).isEqualTo(PipelineSettings.Schedule.INTERLEAVED);
        assertThat(job.output())
                .isEqualTo(new OutputSettings(DType.BF16, 2L << 30, OutputSettings.Which.BEST));
        assertThat(job.seed()).isEqualTo(-3);
    }

    @Test
    void whatIsDoneAboutSpikesIsRead() {
        TrainJob job =
                job(
                        LEAST
                                + "monitor: {spike: {then: [skip, rollback, {rollback: {steps: 3,"
                                + " rate: 1, skip_data: false}}, pause]}}\n"
                                + "checkpoint: {every: 7, keep: 2}\n");
        assertThat(job.monitor().spike())
                .hasValue(
                        new SpikeSettings(
                                6,
                                List.of(
                                        new SpikeAction.Skip(),
                                        new SpikeAction.RollBack(20, 0.5, true),
                                        new SpikeAction.RollBack(3, 1, false),
                                        new SpikeAction.Pause())));
        assertThat(job.checkpointsKept()).as("7, 14 and 21, to go back from 27").isEqualTo(4);
    }

    @Test
    void sitesAndNamedSetsAreRead() {
        TrainJob job = job(LEAST + "sites: [0, 1, 1, 2]\ntrainable: clones\n");
        assertThat(job.sites()).containsExactly(0, 1, 1, 2);
        assertThat(job.trainable()).isEqualTo(new TrainableSet.Clones());
    }

    @ParameterizedTest
    @CsvSource({"3e-5,3e-5", "3E-5,3e-5", "'\"1e-4\"',1e-4", "5.0e-4,5e-4", "1,1", ".5,0.5"})
    void learningRatesAreNumbersAsPeopleWriteThem(String written, double rate) {
        assertThat(job(LEAST + "optimizer: {learning_rate: " + written + "}\n").optimizer())
                .extracting(OptimizerSettings::learningRate)
                .isEqualTo(rate);
    }

    @ParameterizedTest
    @CsvFileSource(resources = "wrong-jobs.txt", delimiter = '|')
    void whatIsWrongIsSaidWithWhatIsAllowed(String line, String code, String words) {
        List<Problem> problems = JobReader.read("job.yml", LEAST + line.strip() + "\n").problems();
        assertThat(problems).as(problems.toString()).hasSize(1);
        assertThat(problems.getFirst().code()).isEqualTo(code);
        assertThat(problems.getFirst().message()).contains(words);
        assertThat(problems.getFirst().fix()).isNotBlank();
        assertThat(problems.getFirst().line()).isEqualTo(3);
        assertThat(problems.getFirst().column()).isNotNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "lerning_rate: 1 | did you mean 'learning_rates'?",
                "lr: 1 | here it is called 'learning_rate', under `optimizer`",
                "optimizer: {learing_rate: 1} | did you mean 'learning_rate'?",
                "batch: {steps: 3} | did you mean 'steps', at the top level?",
                "warmup_steps: 3 | did you mean 'warmup_steps', under `optimizer`?",
                "qqq: 3 | remove it",
            })
    void unknownKeysAreErrorsThatSayWhatWasMeant(String line, String fix) {
        Problem problem = problem(LEAST + line.strip() + "\n");
        assertThat(problem.isError()).isTrue();
        assertThat(problem.fix()).isEqualTo(fix);
    }

    @Test
    void allProblemsAreFoundAtOnceInTheOrderOfTheText() {
        ParsedJob parsed =
                JobReader.read(
                        "job.yml",
                        """
                        model: a
                        steps: 0
                        batch: {micro_batch: x}
                        optimizer: {learning_rate: fast, decay: no-one}
                        lora: {rank: 0, dropout: 0.5}
                        sead: 1
                        """);
        assertThat(parsed.problems())
                .extracting(Problem::line)
                .containsExactly(1, 2, 3, 4, 4, 5, 5, 6);
        assertThat(parsed.job()).isPresent();
        assertThat(parsed.hasErrors()).isTrue();
    }

    @Test
    void aJobNamesAModelAndData() {
        assertThat(problem("data: {train: [a.txt]}\n").message()).contains("'model' or 'recipe'");
        assertThat(problem("model: a\n").message()).contains("nothing to train on");
        assertThat(problem("model: a\ndata: {train: []}\n").message())
                .contains("nothing to train on");
        assertThat(JobReader.read("job.yml", "steps: 3\ndata: {train: [a]}\n").job()).isEmpty();
    }

    @Test
    void aPlateauWithoutValidationIsSaid() {
        String grow = "grow: {rounds: [{after_site: 1}], plateau: {minimum_steps: 6}}\nsteps: 5\n";
        assertThat(JobReader.read("job.yml", LEAST + grow).problems())
                .singleElement()
                .satisfies(one -> assertThat(one.message()).contains("no `data.validation`"));
    }

    @Test
    void aBaseMayHaveStepsOfItsOwn() {
        ParsedJob parsed = JobReader.read("job.yml", LEAST + "baseline: {steps: 7}\n");
        assertThat(parsed.problems()).isEmpty();
        assertThat(parsed.baseline()).isEqualTo(new Baseline.Only(OptionalInt.of(7)));
        assertThat(parsed.of(TrainModels.small(2, false)).job().orElseThrow().steps()).isEqualTo(7);
        assertThat(problem(LEAST + "baseline: {}\n").message())
                .contains("'baseline.steps' is missing");
        assertThat(problem(LEAST + "baseline: {steps: 0}\n").message())
                .contains("'baseline.steps' is 0");
        assertThat(problem(LEAST + "baseline: [3]\n").message())
                .contains("allowed are true, false, only, {steps: N}");
    }

    @ParameterizedTest
    @CsvSource({
        "'grow: {rounds: [{after_site: 9}]}', 'copies site 9'",
        "'grow: {rounds: {order: top-down, until: 2}}', 'has 2 layers already'",
        "'sites: [0, 9]', 'has layer 9'"
    })
    void theBaseOfWhatCannotBeIsRefusedToo(String line, String words) {
        ParsedJob parsed =
                JobReader.read("job.yml", LEAST + line + "\nbaseline: only\n")
                        .of(TrainModels.small(2, false));
        assertThat(parsed.problems())
                .singleElement()
                .satisfies(
                        problem -> {
                            assertThat(problem.code()).isEqualTo("TRN-101");
                            assertThat(problem.message()).contains(words);
                        });
    }

    @Test
    void warningsDoNotStopAJob() {
        ParsedJob parsed =
                JobReader.read(
                        "job.yml",
                        LEAST
                                + "steps: 5\noptimizer: {warmup_steps: 6}\n"
                                + "pipeline: {schedule: interleaved}\n");
        assertThat(parsed.problems()).extracting(Problem::code).containsOnly("TRN-015");
        assertThat(parsed.problems()).hasSize(2).noneMatch(Problem::isError);
        assertThat(parsed.hasErrors()).isFalse();
        assertThat(job(LEAST + "steps: 5\n").steps()).isEqualTo(5);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "# nothing\n", "- a\n- b\n", "just text\n", "3\n", "a: 1\n---\nb: 2"})
    void otherTextsAreNoJobs(String text) {
        assertThat(problem(text).code()).isEqualTo("TRN-007");
        assertThat(JobReader.recognises(text)).isFalse();
    }

    @Test
    void recipesAreToldFromJobs() {
        String recipe = "merge_method: passthrough\nslices: []\n";
        assertThat(JobReader.recognises(recipe)).isFalse();
        assertThat(JobReader.recognises(LEAST)).isTrue();
        assertThat(JobReader.recognises("model: a\nlr: 3\n")).isTrue();
        assertThat(problem(recipe).message()).contains("this is a merge recipe");
    }

    @Test
    void brokenYamlIsSaidSo() {
        assertThat(problem("model: [\n").code()).isEqualTo("TRN-002");
        assertThat(problem(LEAST + "seed: !!binary aa\n").code()).isEqualTo("TRN-003");
        assertThat(problem("model: {\t").message()).doesNotContain("recipe");
    }

    @Test
    void aliasesOfAliasesAreBounded() {
        StringBuilder text =
                new StringBuilder(LEAST + "x-a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n");
        for (int i = 1; i < 9; i++) {
            text.append("x-a%d: &a%d [".formatted(i, i));
            text.append("*a%d, ".formatted(i - 1).repeat(9)).append("*a%d]\n".formatted(i - 1));
        }
        assertThat(problem(text.toString()).code()).isEqualTo("TRN-004");
    }

    @Test
    void aPlaceIsKnownForEverySettingThatIsWritten() {
        ParsedJob parsed = JobReader.read("job.yml", LEAST + "pipeline:\n  stages: 9\n");
        assertThat(parsed.at("pipeline.stages").line()).isEqualTo(4);
        assertThat(parsed.at("pipeline.stages").column()).isEqualTo(11);
        assertThat(parsed.at("pipeline.threads").line()).isEqualTo(4);
        assertThat(parsed.at("batch.micro_batch").line()).isEqualTo(1);
    }
}
