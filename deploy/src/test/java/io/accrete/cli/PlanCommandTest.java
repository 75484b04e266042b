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
import java.util.List;
import java.util.stream.Stream;

class PlanCommandTest {
    private static final List<String> RESULT =
            List.of(
                    "kind",
                    "ok",
                    "problems",
                    "architecture",
                    "layers",
                    "tensors",
                    "parameters",
                    "bytes",
                    "dtype",
                    "shards",
                    "sites",
                    "bytes_shared",
                    "bytes_copied",
                    "bytes_computed",
                    "memory_bytes_per_worker",
                    "omitted");

    @TempDir private Path folder;

    @BeforeEach
    void model() throws IOException {
        TinyModels.llama().write(folder.resolve("a"));
    }

    private void recipe(String lastRange) throws IOException {
        Files.writeString(
                folder.resolve("r.yml"),
                """
                merge_method: passthrough
                slices:
                  - sources: [{model: a, layer_range: [0, 3]}]
                  - sources: [{model: a, layer_range: %s}]
                """
                        .formatted(lastRange));
    }

    @Test
    void saysEverythingAsOneJsonObject() throws IOException {
        recipe("[1, 4]");
        CommandLineRun run = CommandLineRun.in(folder, "plan", "--json", "r.yml");
        assertThat(run.exitCode()).as(run::transcript).isZero();
        assertThat(run.out().lines()).hasSize(1);
        JsonNode result = run.result();
        RESULT.forEach(field -> assertThat(result.has(field)).as(field).isTrue());
        assertThat(result.get("kind").textValue()).isEqualTo("merge");
        assertThat(result.get("layers").intValue()).isEqualTo(6);
        assertThat(result.get("sites")).hasSize(6);
        JsonNode clone = result.get("sites").get(3);
        assertThat(clone.get("layer").intValue()).isEqualTo(1);
        assertThat(clone.get("occurrence").intValue()).isEqualTo(1);
        assertThat(clone.get("copies").intValue()).isEqualTo(2);
        JsonNode shard = result.get("shards").get(0);
        assertThat(shard.get("file").textValue()).isEqualTo("model.safetensors");
        assertThat(shard.get("tensors").intValue()).isEqualTo(6 * 9 + 3);
    }

    @Test
    void leavesNothingBehind() throws IOException {
        recipe("[1, 4]");
        CommandLineRun.in(folder, "plan", "r.yml");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("a", "r.yml");
        }
    }

    @Test
    void predictsWhatTheMergeThenWrites() throws IOException {
        recipe("[1, 4]");
        JsonNode plan =
                CommandLineRun.in(folder, "plan", "--json", "--out-shard-size", "5K", "r.yml")
                        .result();
        CommandLineRun merge =
                CommandLineRun.in(folder, "merge", "-q", "--out-shard-size", "5K", "r.yml", "out");
        assertThat(merge.exitCode()).as(merge::transcript).isZero();
        assertThat(plan.get("shards").size()).isGreaterThan(2);
        for (JsonNode shard : plan.get("shards")) {
            assertThat(folder.resolve("out").resolve(shard.get("file").textValue()))
                    .hasSize(shard.get("bytes").longValue());
        }
    }

    @Test
    void drawsTheLayersForPeople() throws IOException {
        recipe("[1, 4]");
        CommandLineRun run = CommandLineRun.in(folder, "plan", "r.yml");
        assertThat(run.out())
                .contains("6, 2 of them clones (4 before)")
                .containsPattern("0 - 2 +███ +a")
                .containsPattern("3 - 5 +▒▒█ +a")
                .doesNotContain("\u001b");
    }

    @Test
    void aRecipeThatIsWrongByItselfIsAnInvalidFile() throws IOException {
        recipe("[3, 1]");
        CommandLineRun run = CommandLineRun.in(folder, "plan", "--json", "r.yml");
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.err()).contains("r.yml:4:").contains("[RCP-014]").contains("fix:");
    }

    @Test
    void aRecipeThatDoesNotFitItsSourcesIsRefusedWithEveryReason() throws IOException {
        recipe("[1, 9]");
        CommandLineRun run = CommandLineRun.in(folder, "plan", "--json", "r.yml");
        assertThat(run.exitCode()).isEqualTo(4);
        JsonNode problem = run.result().get("problems").get(0);
        assertThat(problem.properties().stream().map(entry -> entry.getKey()))
                .contains("severity", "code", "file", "line", "column", "message", "fix");
        assertThat(problem.get("severity").textValue()).isEqualTo("error");
        assertThat(problem.get("line").intValue()).isEqualTo(4);
        assertThat(run.result().get("ok").booleanValue()).isFalse();
    }

    @Test
    void needsNoWeights() throws IOException {
        recipe("[1, 4]");
        Files.delete(folder.resolve("a/model.safetensors"));
        CommandLineRun run = CommandLineRun.in(folder, "plan", "--json", "r.yml");
        assertThat(run.exitCode()).as(run::transcript).isZero();
        assertThat(run.result().get("tensors").intValue()).isEqualTo(6 * 9 + 3);
        assertThat(run.err()).contains("warning");
        CommandLineRun merge = CommandLineRun.in(folder, "merge", "r.yml", "out");
        assertThat(merge.exitCode()).isEqualTo(4);
        assertThat(folder.resolve(".out.accrete")).doesNotExist();
    }

    @Test
    void namesNoDonorOfATokenizerThatIsNotThere() throws IOException {
        TinyModels.llama().tokenizer(false).write(folder.resolve("mute"));
        Files.writeString(
                folder.resolve("mute.yml"), "merge_method: passthrough\nmodels: [{model: mute}]\n");
        CommandLineRun mute = CommandLineRun.in(folder, "plan", "mute.yml");
        assertThat(mute.err()).as(mute::transcript).contains("has no tokenizer");
        assertThat(mute.out()).contains("config").doesNotContain("tokenizer");
        recipe("[1, 4]");
        CommandLineRun run = CommandLineRun.in(folder, "plan", "r.yml");
        assertThat(run.out()).containsPattern("tokenizer +from a").contains(" in 1 shard\n");
    }
}
