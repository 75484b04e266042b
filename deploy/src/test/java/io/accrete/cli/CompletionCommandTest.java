package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

class CompletionCommandTest {
    @TempDir private Path folder;

    @Test
    void bashCompletesCommandsAndOptions() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "there is no bash");
        CommandLineRun run = CommandLineRun.in(folder, "completion", "bash");
        assertThat(run.exitCode()).as(run.transcript()).isZero();
        Path script = Files.writeString(folder.resolve("script"), run.out());

        assertThat(completed(script, "accrete", "sub")).contains("submit");
        assertThat(completed(script, "accrete", "submit", "--dry")).contains("--dry-run");
        assertThat(completed(script, "accrete", "context", "u")).contains("use");
    }

    @Test
    void zshGetsTheSameScript() {
        CommandLineRun zsh = CommandLineRun.in(folder, "completion", "zsh");
        assertThat(zsh.out()).contains("completion zsh)", "bashcompinit");
        assertThat(CommandLineRun.in(folder, "completion", "csh").exitCode())
                .isEqualTo(ExitCode.USAGE.code());
    }

    /** What bash offers for the last word. */
    private static String completed(Path script, String... words)
            throws IOException, InterruptedException {
        String program =
                """
                source "$0"
                COMP_WORDS=("$@")
                COMP_CWORD=$(($# - 1))
                COMP_LINE="$*"
                COMP_POINT=${#COMP_LINE}
                _complete_accrete accrete "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
                echo "${COMPREPLY[@]}"
                """;
        String[] command = new String[words.length + 4];
        System.arraycopy(
                new String[] {"/bin/bash", "-c", program, script.toString()}, 0, command, 0, 4);
        System.arraycopy(words, 0, command, 4, words.length);
        Process bash = new ProcessBuilder(command).redirectErrorStream(true).start();
        String offered = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(bash.waitFor()).as(offered).isZero();
        return offered;
    }
}
