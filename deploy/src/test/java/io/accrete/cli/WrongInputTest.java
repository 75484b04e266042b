package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.accrete.protocol.fixture.TinyModels;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** What people get wrong on their first day: each gets a sentence. */
class WrongInputTest {
    @TempDir private Path folder;

    @BeforeEach
    void files() throws IOException {
        TinyModels.llama().write(folder.resolve("a"));
        Files.writeString(
                folder.resolve("r.yml"), "merge_method: passthrough\nmodels: [{model: a}]\n");
        Files.writeString(folder.resolve("empty.yml"), "");
        Files.writeString(folder.resolve("comment.yml"), "# nothing yet\n");
        Files.write(folder.resolve("binary.yml"), new byte[] {(byte) 0xff, (byte) 0xfe, 0, 1});
        Files.writeString(folder.resolve("note.txt"), "text");
        Files.createDirectories(folder.resolve("bare"));
        Files.copy(folder.resolve("a/model.safetensors"), folder.resolve("bare/model.safetensors"));
        Files.writeString(
                folder.resolve("bare.yml"), "merge_method: passthrough\nmodels: [{model: bare}]\n");
        Files.writeString(
                folder.resolve("file.yml"),
                "merge_method: passthrough\nmodels: [{model: note.txt}]\n");
        Files.writeString(
                folder.resolve("nul.yml"),
                "merge_method: passthrough\nmodels: [{model: \"a\\0b\"}]\n");
        Files.createDirectories(folder.resolve("dangling"));
        Files.copy(folder.resolve("a/config.json"), folder.resolve("dangling/config.json"));
        Files.createSymbolicLink(
                folder.resolve("dangling/model.safetensors"), Path.of("../blobs/none"));
        Files.writeString(
                folder.resolve("dangling.yml"),
                "merge_method: passthrough\nmodels: [{model: dangling}]\n");
        Files.writeString(
                folder.resolve("gone.yml"), "merge_method: passthrough\nmodels: [{model: b}]\n");
    }

    @ParameterizedTest
    @CsvSource({
        "nowhere.yml, out, 3, no such file",
        "a, out, 3, is a folder",
        "empty.yml, out, 3, is empty",
        "comment.yml, out, 3, is empty",
        "binary.yml, out, 3, is not text",
        "a/model.safetensors, out, 3, is not text",
        "bare.yml, out, 4, config.json",
        "file.yml, out, 4, note.txt",
        "gone.yml, out, 4, was not found",
        "r.yml, note.txt, 4, is a file",
        "r.yml, note.txt/out, 4, note.txt",
        "r.yml, a;b, 4, under a path with `;`",
        "r.yml, a\\b, 4, under a path with `\\`",
        "nul.yml, out, 4, no folder can have that name",
        "dangling.yml, out, 4, none of the weights is there"
    })
    void getsASentence(String recipe, String output, int exitCode, String sentence) {
        CommandLineRun run = CommandLineRun.in(folder, "merge", recipe, output);
        assertThat(run.exitCode()).as(run::transcript).isEqualTo(exitCode);
        assertThat(run.err())
                .contains(sentence)
                .containsPattern("\\[(RCP|PLN|FMT|STO)-\\d{3}\\]")
                .doesNotContain("Exception");
        assertThat(folder.resolve("out")).doesNotExist();
        assertThat(folder.resolve(".out.accrete")).doesNotExist();
        assertThat(folder.resolve(".note.txt.accrete")).doesNotExist();
        assertThat(folder.resolve(".a;b.accrete")).doesNotExist();
        assertThat(folder.resolve(".a\\b.accrete")).doesNotExist();
    }

    @Test
    void sentencesAboutTheOutputBeginWithIt() throws IOException {
        Path output = Files.createDirectories(folder.resolve("full"));
        Files.writeString(output.resolve("thesis.tex"), "years of work");
        CommandLineRun foreign = CommandLineRun.in(folder, "merge", "r.yml", "full");
        assertThat(foreign.err())
                .contains(output + "  [STO-020] the output is a folder with 1 entry that is not");
        TinyModels.llama().seed(2).write(folder.resolve("other"));
        CommandLineRun other = CommandLineRun.in(folder, "merge", "r.yml", "other");
        assertThat(other.err())
                .contains(folder.resolve("other") + "  [STO-021] the output already holds");
    }

    @Test
    void aLayoutThatIsNoneIsAnsweredAsTheHelpSpellsThem() {
        CommandLineRun run = CommandLineRun.in(folder, "plan", "--layout", "foo", "r.yml");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("'foo' is no layout: mergekit or shared");
        assertThat(CommandLineRun.in(folder, "plan", "--layout", "Shared", "r.yml").exitCode())
                .isZero();
    }

    @Test
    void outputThatMayNotBeWrittenGetsASentence() throws IOException {
        Path closed =
                Files.createDirectory(
                        folder.resolve("closed"),
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("r-xr-xr-x")));
        assumeFalse(Files.isWritable(closed), "this user may write everywhere");
        CommandLineRun run = CommandLineRun.in(folder, "merge", "r.yml", "closed/out");
        assertThat(run.exitCode()).as(run::transcript).isEqualTo(4);
        assertThat(run.err()).contains("may not write");
    }

    @Test
    void outputOnAFileSystemThatCannotBeWrittenGetsASentence() {
        CommandLineRun run = CommandLineRun.in(folder, "merge", "r.yml", "/proc/out");
        assertThat(run.exitCode()).as(run::transcript).isEqualTo(4);
        assertThat(run.err()).contains("/proc/out").doesNotContain("Exception");
    }
}
