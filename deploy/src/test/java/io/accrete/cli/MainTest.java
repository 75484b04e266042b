package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.ByteArrayOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Map;

class MainTest {
    @Test
    void failsWhereItsAnswerCannotBeWritten() throws IOException {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        try (PrintStream full = new PrintStream(new FileOutputStream("/dev/full"), true, UTF_8)) {
            Surroundings surroundings =
                    new Surroundings(
                            Path.of("").toAbsolutePath(),
                            full,
                            new PrintStream(err, true, UTF_8),
                            Map.of(),
                            false,
                            false);
            assertThat(Main.execute(surroundings, "--version")).isEqualTo(1);
        }
        assertThat(err.toString(UTF_8)).contains("standard output could not be written");
    }

    /** As {@code accrete --help | head -1} does. */
    @Test
    void endsQuietlyWhereItsReaderHasReadEnough() throws IOException {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        PipedOutputStream nobodyReads = new PipedOutputStream();
        new PipedInputStream(nobodyReads).close();
        try (OutputPipe pipe = new OutputPipe(nobodyReads)) {
            Surroundings surroundings =
                    new Surroundings(
                            Path.of("").toAbsolutePath(),
                            pipe,
                            new PrintStream(err, true, UTF_8),
                            Map.of(),
                            false,
                            false);
            assertThat(Main.execute(surroundings, "--version")).isZero();
            assertThat(pipe.checkError()).as("the pipe was broken").isTrue();
        }
        assertThat(err.toString(UTF_8)).isEmpty();
    }

    @TempDir private Path folder;

    @Test
    void saysWhichVersionItIs() {
        CommandLineRun run = CommandLineRun.in(folder, "--version");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).containsPattern("^accrete \\d+\\.\\d+\\.\\d+").contains("Akka 2.8.5");
    }

    @Test
    void explainsItself() {
        CommandLineRun run = CommandLineRun.in(folder, "--help");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out())
                .contains("merge", "plan", "inspect", "diff", "verify", "demo", "doctor");
    }

    @ParameterizedTest
    @ValueSource(strings = {"merge", "plan", "inspect", "diff", "verify", "demo", "doctor"})
    void explainsEachCommand(String command) {
        CommandLineRun run = CommandLineRun.in(folder, command, "--help");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).startsWith("usage: accrete " + command);
        assertThat(run.out().lines()).allMatch(line -> line.length() <= 100);
    }

    @Test
    void answersAnUnknownCommandWithUsageAndASuggestion() {
        CommandLineRun run = CommandLineRun.in(folder, "mrege", "a", "b");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("merge");
        assertThat(run.out()).isEmpty();
    }

    @Test
    void answersAnUnknownOptionWithUsageAndASuggestion() {
        CommandLineRun run = CommandLineRun.in(folder, "merge", "--strcit", "a", "b");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("--strict");
    }

    @Test
    void wantsACommand() {
        CommandLineRun run = CommandLineRun.in(folder);
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("merge");
    }

    @Test
    void checksTheMachine() {
        CommandLineRun run = CommandLineRun.in(folder, "doctor", "--json");
        assertThat(run.result().get("checks").findValuesAsText("what"))
                .contains("java", "memory", "disk", "open files", "engine");
    }
}
