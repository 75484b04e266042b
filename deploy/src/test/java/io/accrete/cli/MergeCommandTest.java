package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.accrete.oracle.Weights;
import io.accrete.protocol.fixture.TinyModels;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;

class MergeCommandTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> RESULT =
            List.of(
                    "state",
                    "output",
                    "layers",
                    "tensors",
                    "parameters",
                    "bytes",
                    "shards",
                    "seconds",
                    "bytes_shared",
                    "bytes_copied",
                    "bytes_computed",
                    "shards_resumed",
                    "job");

    @TempDir private Path folder;

    @BeforeEach
    void modelAndRecipe() throws IOException {
        TinyModels.llama().write(folder.resolve("a"));
        Files.writeString(
                folder.resolve("r.yml"),
                """
                merge_method: passthrough
                slices:
                  - sources: [{model: a, layer_range: [0, 3]}]
                  - sources: [{model: a, layer_range: [1, 4]}]
                """);
    }

    @Test
    void writesEventsAndThenTheResultAsJson() throws IOException {
        CommandLineRun run = CommandLineRun.in(folder, "merge", "--json", "r.yml", "out");
        assertThat(run.exitCode()).as(run::transcript).isZero();
        List<String> lines = run.out().lines().toList();
        for (String line : lines.subList(0, lines.size() - 1)) {
            assertThat(JSON.readTree(line).get("event").isTextual()).as(line).isTrue();
        }
        for (int i = 1; i < lines.size(); i++) {
            assertThat(lines.get(i)).isNotEqualTo(lines.get(i - 1));
        }
        JsonNode result = run.result();
        RESULT.forEach(field -> assertThat(result.has(field)).as(field).isTrue());
        assertThat(result.get("state").textValue()).isEqualTo("SUCCEEDED");
        assertThat(result.get("output").textValue()).isEqualTo(folder.resolve("out").toString());
        assertThat(result.get("layers").intValue()).isEqualTo(6);
        assertThat(result.get("tensors").intValue()).isEqualTo(6 * 9 + 3);
        long bytes = result.get("bytes").longValue();
        assertThat(bytes)
                .isEqualTo(
                        Weights.read(folder.resolve("out")).tensors().values().stream()
                                .mapToLong(tensor -> tensor.bytes().length)
                                .sum())
                .isEqualTo(
                        result.get("bytes_shared").longValue()
                                + result.get("bytes_copied").longValue()
                                + result.get("bytes_computed").longValue());
        assertThat(folder.resolve(".out.accrete")).doesNotExist();
    }

    @Test
    void writesAWholeModel() throws IOException {
        assertThat(CommandLineRun.in(folder, "merge", "-q", "r.yml", "out").exitCode()).isZero();
        assertThat(folder.resolve("out"))
                .isDirectoryContaining("glob:**config.json")
                .isDirectoryContaining("glob:**README.md")
                .isDirectoryContaining("glob:**mergekit_config.yml")
                .isDirectoryContaining("glob:**accrete.json")
                .isDirectoryContaining("glob:**tokenizer.json")
                .isDirectoryContaining("glob:**generation_config.json");
        CommandLineRun verify = CommandLineRun.in(folder, "verify", "out", "--json");
        assertThat(verify.exitCode()).as(verify::transcript).isZero();
        assertThat(verify.result().get("compared").intValue()).isEqualTo(6 * 9 + 3);
    }

    @Test
    void verifySeesOneChangedByte() throws IOException {
        CommandLineRun.in(folder, "merge", "r.yml", "out");
        Path shard = folder.resolve("out/model.safetensors");
        byte[] bytes = Files.readAllBytes(shard);
        bytes[bytes.length - 1] ^= 1;
        Files.write(shard, bytes);
        CommandLineRun verify = CommandLineRun.in(folder, "verify", "out");
        assertThat(verify.exitCode()).isEqualTo(1);
        assertThat(verify.err()).contains("[FMT-205]");
        assertThat(CommandLineRun.in(folder, "verify", "out", "--quick").exitCode()).isZero();
    }

    @Test
    void verifyCallsNothingWholeThatItCannotCompare() throws IOException {
        CommandLineRun.in(folder, "merge", "r.yml", "out");
        assertThat(CommandLineRun.in(folder, "verify", "out").out()).contains("out: whole");
        Path source = folder.resolve("a/model.safetensors");
        Files.setLastModifiedTime(source, FileTime.fromMillis(1));
        CommandLineRun changed = CommandLineRun.in(folder, "verify", "out");
        assertThat(changed.exitCode()).as(changed::transcript).isZero();
        assertThat(changed.out())
                .doesNotContain("whole")
                .contains("headers and sizes are right", "57 tensors could not be compared")
                .contains(source + " has changed");
        Files.delete(source);
        assertThat(CommandLineRun.in(folder, "verify", "out").out()).contains(source + " is gone");
        JsonNode json = CommandLineRun.in(folder, "verify", "--json", "out").result();
        assertThat(json.get("compared").intValue()).isZero();
        assertThat(json.get("not_compared").intValue()).isEqualTo(57);
    }

    @Test
    void namesTheFileOfADamagedStagingFolder() throws IOException {
        Path staging = Files.createDirectories(folder.resolve(".out.accrete"));
        for (String text : List.of("{", "{}", "null")) {
            Files.writeString(staging.resolve("job.json"), text);
            CommandLineRun run = CommandLineRun.in(folder, "merge", "r.yml", "out");
            assertThat(run.exitCode()).as(run::transcript).isNotZero();
            assertThat(run.err()).contains("[STO-214]", "job.json", "delete the folder " + staging);
        }
    }

    @Test
    void namesADamagedJournal() throws IOException {
        Path journal = Files.createDirectories(folder.resolve(".out.accrete/journal"));
        Files.writeString(journal.resolve("journal.mv.db"), "no database".repeat(1000));
        CommandLineRun run = CommandLineRun.in(folder, "merge", "r.yml", "out");
        assertThat(run.exitCode()).as(run::transcript).isEqualTo(1);
        assertThat(run.err())
                .contains(journal.toString(), "delete " + journal.getParent() + " to begin anew");
    }

    @Test
    void theSameCommandAgainSaysSo() throws IOException {
        CommandLineRun.in(folder, "merge", "r.yml", "out");
        CommandLineRun again = CommandLineRun.in(folder, "merge", "--json", "r.yml", "out");
        assertThat(again.exitCode()).as(again::transcript).isZero();
        assertThat(again.err()).contains("already");
        assertThat(again.result().get("state").textValue()).isEqualTo("SUCCEEDED");
        assertThat(folder.resolve(".out.accrete")).doesNotExist();
    }

    @Test
    void replacesAnotherModelOnlyWhenAskedTo() throws IOException {
        Path out = TinyModels.llama().seed(9).write(folder.resolve("out"));
        var before = Weights.read(out).digests();
        CommandLineRun run = CommandLineRun.in(folder, "merge", "r.yml", "out");
        assertThat(run.exitCode()).as(run::transcript).isEqualTo(4);
        assertThat(run.err()).contains("--overwrite");
        assertThat(Weights.read(out).digests()).isEqualTo(before);
        CommandLineRun asked = CommandLineRun.in(folder, "merge", "--overwrite", "r.yml", "out");
        assertThat(asked.exitCode()).as(asked::transcript).isZero();
        assertThat(Weights.read(out).tensors()).hasSize(6 * 9 + 3);
        assertThat(folder.resolve(".out.accrete")).doesNotExist();
    }

    @Test
    void neverReplacesAFolderThatIsNoModel() throws IOException {
        Files.createDirectories(folder.resolve("out"));
        Files.writeString(folder.resolve("out/thesis.txt"), "years of work");
        CommandLineRun run = CommandLineRun.in(folder, "merge", "--overwrite", "r.yml", "out");
        assertThat(run.exitCode()).as(run::transcript).isEqualTo(4);
        assertThat(folder.resolve("out/thesis.txt")).hasContent("years of work");
    }

    @Test
    void makesFoldersAboveTheOutput() {
        CommandLineRun run = CommandLineRun.in(folder, "merge", "r.yml", "new/deep/out");
        assertThat(run.exitCode()).as(run::transcript).isZero();
        assertThat(folder.resolve("new/deep/out/config.json")).exists();
    }

    @Test
    void findsModelsByNameUnderGivenFolders() throws IOException {
        TinyModels.llama().write(folder.resolve("zoo/org/name"));
        Files.writeString(
                folder.resolve("named.yml"),
                "merge_method: passthrough\nmodels: [{model: org/name}]\n");
        CommandLineRun run =
                CommandLineRun.in(folder, "merge", "--models", "zoo", "named.yml", "out");
        assertThat(run.exitCode()).as(run::transcript).isZero();
        assertThat(Weights.read(folder.resolve("out")).digests())
                .isEqualTo(Weights.read(folder.resolve("zoo/org/name")).digests());
    }

    @Test
    void takesTheOptionsOfMergekitThatMakeNoDifference() {
        CommandLineRun run =
                CommandLineRun.in(
                        folder,
                        "merge",
                        "--clone-tensors",
                        "--async-write",
                        "--lazy-unpickle",
                        "--cuda",
                        "--random-seed",
                        "7",
                        "--no-trust-remote-code",
                        "r.yml",
                        "out");
        assertThat(run.exitCode()).as(run::transcript).isZero();
        assertThat(run.err()).contains("note: --clone-tensors", "note: --cuda");
        assertThat(run.err()).doesNotContain("trust-remote-code");
    }

    @Test
    void refusesTheOptionThatWouldWritePickles() {
        CommandLineRun run =
                CommandLineRun.in(folder, "merge", "--no-safe-serialization", "r.yml", "out");
        assertThat(run.exitCode()).isEqualTo(4);
        assertThat(run.err()).contains("only safetensors files are written");
    }
}
