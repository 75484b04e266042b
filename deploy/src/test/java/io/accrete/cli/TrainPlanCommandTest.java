package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;

import io.accrete.protocol.fixture.TinyModels;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

    private CommandLineRun planOf(String recipe) throws IOException {
        Files.writeString(folder.resolve("grow.yml"), recipe);
        Files.writeString(folder.resolve("job.yml"), "recipe: grow.yml\ndata: {train: [a.txt]}\n");
        return CommandLineRun.in(folder, "plan", "job.yml", "--json");
    }

    @Test
    void aRecipeOfLayersIsWhereATrainingStarts() throws IOException {
        CommandLineRun run =
                planOf(
                        """
                        merge_method: passthrough
                        slices:
                          - sources: [{model: a, layer_range: [0, 3]}]
                          - sources: [{model: a, layer_range: [1, 4]}]
                        """);
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.result().path("layers").asInt()).isEqualTo(6);
        assertThat(run.result().path("sites").findValuesAsText("layer"))
                .containsExactly("0", "1", "2", "1", "2", "3");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            textBlock =
                    """
                    linear|models: [{model: a, parameters: {weight: 1}}]; grow.yml:1:15  [TRN-013]
                    linear|models: [{model: a, parameters: {weight: 1}}]; computes weights by linear
                    passthrough|models: [{model: a}]; not a list of slices
                    passthrough|slices: [SLICE, {sources: [{model: b, layer_range: [0, 2]}]}]; \
                      two models, 'a' and 'b'
                    passthrough|slices: [SLICE]|parameters: {scale: 0.5}; `scale` changes weights
                    passthrough|slices: [SLICE]|dtype: float64; grow.yml:3:8  [TRN-125]
                    passthrough|slices: [SLICE]|tokenizer_source: base; it makes a tokenizer
                    passthrough|slices: [{sources: [{model: a, layer_range: [2, 9]}]}]; \
                      job.yml:1:9  [TRN-101]
                    passthrough|slices: [{sources: [{model: a, layer_range: [2, 1]}]}]; grow.yml:2
                    passthrough|slices: 7; grow.yml:2
                    """)
    void anyOtherRecipeIsRefusedWithItsLine(String recipe, String said) throws IOException {
        String slice = "{sources: [{model: a, layer_range: [0, 2]}]}";
        CommandLineRun run =
                planOf("merge_method: " + recipe.replace('|', '\n').replace("SLICE", slice));
        assertThat(run.exitCode()).isNotZero();
        assertThat(run.err()).contains(said);
    }

    @Test
    void aRecipeThatIsNotThereIsSaidWithItsPlace() throws IOException {
        Files.writeString(folder.resolve("job.yml"), "recipe: no.yml\ndata: {train: [a.txt]}\n");
        CommandLineRun run = CommandLineRun.in(folder, "plan", "job.yml");
        assertThat(run.exitCode()).isNotZero();
        assertThat(run.err()).contains("job.yml:1:9  [TRN-111] recipe 'no.yml' cannot be read");
    }
}
