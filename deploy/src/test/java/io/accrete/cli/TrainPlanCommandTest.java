package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;

import io.accrete.protocol.fixture.TinyModels;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

class TrainPlanCommandTest {
    @TempDir private Path folder;

    @BeforeEach
    void model() throws IOException {
        TinyModels.llama().write(folder.resolve("a"));
    }

    private CommandLineRun plan(String lines, String... options) throws IOException {
        Files.writeString(
                folder.resolve("job.yml"), "model: a\ndata: {train: [a.txt]}\n" + lines + "\n");
        String[] arguments = new String[options.length + 2];
        arguments[0] = "plan";
        arguments[1] = "job.yml";
        System.arraycopy(options, 0, arguments, 2, options.length);
        return CommandLineRun.in(folder, arguments);
    }

    @Test
    void saysEverythingAsOneJsonObject() throws IOException {
        CommandLineRun run =
                plan("sites: [0, 1, 1, 2, 3]\npipeline: {stages: 2}", "--json", "--memory", "1GB");
        assertThat(run.exitCode()).isZero();
        JsonNode result = run.result();
        assertThat(result.path("kind").asText()).isEqualTo("train");
        assertThat(result.path("ok").asBoolean()).isTrue();
        assertThat(result.path("layers").asInt()).isEqualTo(5);
        assertThat(result.path("sites").path(2).path("copies").asInt()).isEqualTo(2);
        assertThat(result.path("pipeline").path("stages")).hasSize(2);
        assertThat(
                        result.path("pipeline")
                                .path("stages")
                                .path(0)
                                .path("memory")
                                .path("moments")
                                .asLong())
                .isPositive();
        assertThat(result.path("pipeline").path("tokens_per_second").asDouble()).isPositive();
    }

    @Test
    void showsStagesToPeople() throws IOException {
        CommandLineRun run = plan("pipeline: {stages: 2}");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("training of LlamaForCausalLM", "2 stages", "bubble");
    }

    @Test
    void aWrongJobIsAnInvalidFile() throws IOException {
        CommandLineRun run = plan("steps: 0\noptimizer: {learning_rate: fast}");
        assertThat(run.exitCode()).isEqualTo(ExitCode.INVALID_INPUT.code());
        assertThat(run.err()).contains("job.yml:3:8  [TRN-011]", "job.yml:4:28  [TRN-010]");
    }

    @Test
    void whatDoesNotFitIsRefused() throws IOException {
        CommandLineRun run = plan("pipeline: {stages: 2}", "--memory", "1MB", "--json");
        assertThat(run.exitCode()).isEqualTo(ExitCode.PLAN_REFUSED.code());
        assertThat(run.err()).contains("[TRN-107] the model does not fit");
        assertThat(run.result().path("ok").asBoolean(true)).isFalse();
    }

    private CommandLineRun train(String lines) throws IOException {
        Files.writeString(folder.resolve("a.txt"), "a text");
        Files.writeString(folder.resolve("job.yml"), "model: a\n" + lines + "\n");
        return CommandLineRun.in(folder, "train", "job.yml", "out", "--memory", "100kB");
    }

    @Test
    void trainRefusesWhatPlanRefuses() throws IOException {
        CommandLineRun run = train("data: {train: [a.txt], sequence_length: 64}");
        assertThat(run.exitCode()).isEqualTo(ExitCode.PLAN_REFUSED.code());
        assertThat(run.err()).contains("[TRN-107] the model does not fit");
        assertThat(folder.resolve("out")).doesNotExist();
        assertThat(folder.resolve(".out.accrete")).doesNotExist();
    }

    @Test
    void trainSaysWhatIsMissingAndWhatDoesNotRunYetAtOnce() throws IOException {
        CommandLineRun run = train("data: {train: [a.txt, b.txt]}\nprecision: bfloat16");
        assertThat(run.exitCode()).isEqualTo(ExitCode.INVALID_INPUT.code());
        assertThat(run.err())
                .contains(
                        "job.yml:3:12  [TRN-013] `precision: bfloat16` does not run yet",
                        "job.yml:2:15  [TRN-112]",
                        "b.txt: there is no such file");
    }

    @Test
    void aModelThatIsNotThereIsSaidWithItsPlace() throws IOException {
        Files.writeString(folder.resolve("job.yml"), "model: b\ndata: {train: [a.txt]}\n");
        CommandLineRun run = CommandLineRun.in(folder, "plan", "job.yml");
        assertThat(run.exitCode()).isEqualTo(ExitCode.PLAN_REFUSED.code());
        assertThat(run.err()).contains("job.yml:1:8  [TRN-111] model 'b' was not found");
    }
}
