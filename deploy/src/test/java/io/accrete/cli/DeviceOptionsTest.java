package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.accrete.coordinator.finetune.StageDevices;
import io.accrete.protocol.fixture.TinyModels;
import io.accrete.protocol.job.StageBudget;
import io.accrete.worker.tensor.ComputeDevice;
import io.accrete.worker.tensor.PresentDevice;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;

/** Devices that are not there, or do not go together, are refused before anything begins. */
class DeviceOptionsTest {
    private static final String JOB =
            "model: m\ndata: {train: [t.txt]}\nsteps: 1\npipeline: {stages: 3}\n";

    @TempDir private Path scratch;

    @BeforeEach
    void writeJob() throws IOException {
        Files.writeString(scratch.resolve("job.yml"), JOB);
    }

    @Test
    void aTrainingOnADeviceThatIsNotThereDoesNotBegin() throws IOException {
        CommandLineRun run = train("--devices", "cuda:999");
        assertThat(run.exitCode()).isEqualTo(ExitCode.INVALID_INPUT.code());
        assertThat(run.transcript()).contains("CLU-109").contains("there is no cuda:999");
    }

    @Test
    void aTrainingIsNotOnProcessorAndGpuAtOnce() throws IOException {
        CommandLineRun run = train("--devices", "cpu,cuda:0");
        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE.code());
        assertThat(run.transcript()).contains("not on both");
    }

    @Test
    void aPlanForADeviceThatIsNotThereIsNone() throws IOException {
        CommandLineRun run = CommandLineRun.in(scratch, "plan", "job.yml", "--devices", "cuda:999");
        assertThat(run.exitCode()).isEqualTo(ExitCode.INVALID_INPUT.code());
        assertThat(run.transcript()).contains("CLU-109").contains("there is no cuda:999");
    }

    @Test
    void aMergeIsNotPlannedForGpus() throws IOException {
        Files.writeString(scratch.resolve("r.yml"), "merge_method: passthrough\nmodels: []\n");
        CommandLineRun run = CommandLineRun.in(scratch, "plan", "r.yml", "--devices", "cuda:0");
        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE.code());
        assertThat(run.transcript()).contains("--devices is for trainings");
    }

    @ParameterizedTest
    @ValueSource(strings = {"eval --data t.jsonl", "generate t1"})
    void aModelIsNotReadOnADeviceThatIsNotThere(String command) throws IOException {
        TinyModels.llama().write(scratch.resolve("m"));
        Files.writeString(scratch.resolve("t.jsonl"), "{\"input_ids\": [1, 2, 3]}\n");
        CommandLineRun run =
                CommandLineRun.in(scratch, (command + " --model m --device cuda:999").split(" "));
        assertThat(run.exitCode()).isEqualTo(ExitCode.INVALID_INPUT.code());
        assertThat(run.transcript())
                .contains("CLU-109")
                .contains("--device: there is no cuda:999")
                .contains("or use cpu")
                .doesNotContain("INT-201");
    }

    @ParameterizedTest
    @ValueSource(strings = {"export j1 out", "ablate matrix.yml out"})
    void aServerIsNotToldWhatToComputeOn(String command) throws IOException {
        Files.writeString(
                scratch.resolve("matrix.yml"),
                "job: job.yml\nvariants: {as-is: {}, longer: {steps: 2}}\n");
        CommandLineRun run =
                CommandLineRun.in(
                        scratch,
                        (command + " --server http://127.0.0.1:9 --devices cuda:0").split(" "));
        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE.code());
        assertThat(run.transcript()).contains("CLU-109").contains("a server does the work");
    }

    @Test
    void noGpuIsLeftWithoutAStage() throws Refusal {
        List<PresentDevice> four = Collections.nCopies(4, gpu());
        RecipeFile job = new RecipeFile("job.yml", JOB);
        assertThatThrownBy(() -> DeviceOptions.budget(four, StageBudget.ANY, job))
                .hasMessageContaining("`pipeline.stages` allows no more than 3 stages");
        StageBudget two = new StageBudget(2, 0, 0);
        assertThatThrownBy(() -> DeviceOptions.budget(four, two, job))
                .hasMessageContaining("--workers allows no more than 2 stages");
        assertThat(DeviceOptions.budget(four.subList(0, 3), StageBudget.ANY, job).workers())
                .isEqualTo(3);
    }

    private static PresentDevice gpu() {
        return new PresentDevice(new ComputeDevice.Cuda(0), "H200", "cuda:H200-132", 16L << 30);
    }

    @Test
    void aNodeDoesNotJoinWithADeviceThatIsNotThere() throws IOException {
        CommandLineRun run =
                CommandLineRun.in(
                        scratch,
                        "worker",
                        "--seed",
                        "127.0.0.1:9",
                        "--cluster",
                        "127.0.0.1:0",
                        "--devices",
                        "cuda:999");
        assertThat(run.exitCode()).isNotZero();
        assertThat(run.transcript()).contains("CLU-109").contains("there is no cuda:999");
    }

    @Test
    void stagesShareTheMemoryOfTheirDeviceUnlessSomebodySaysOtherwise() {
        long memory = 16L << 30;
        StageBudget two = StageDevices.on(2, memory, StageBudget.ANY, "job.yml", JOB);
        assertThat(two).isEqualTo(new StageBudget(3, (15L << 30) / 2, 0));
        StageBudget said = new StageBudget(2, 7, 0);
        assertThat(StageDevices.on(2, memory, said, "job.yml", JOB)).isEqualTo(said);
        StageBudget open = StageDevices.on(2, memory, StageBudget.ANY, "job.yml", "");
        assertThat(open).isEqualTo(new StageBudget(2, 15L << 30, 0));
    }

    private CommandLineRun train(String... options) throws IOException {
        return CommandLineRun.in(scratch, "train", "job.yml", "out", options[0], options[1]);
    }
}
