package io.accrete.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A command line that was run inside of the test's process.
 *
 * @param out standard output
 * @param err standard error
 */
record CommandLineRun(int exitCode, String out, String err) {
    private static final ObjectMapper JSON = new ObjectMapper();

    static CommandLineRun in(Path directory, String... arguments) {
        return in(directory, Map.of(), arguments);
    }

    static CommandLineRun in(Path directory, Map<String, String> environment, String... arguments) {
        return in(directory, environment, false, arguments);
    }

    /** As a person at a terminal runs it. */
    static CommandLineRun onTerminal(
            Path directory, Map<String, String> environment, String... arguments) {
        return in(directory, environment, true, arguments);
    }

    private static CommandLineRun in(
            Path directory,
            Map<String, String> environment,
            boolean terminal,
            String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Surroundings surroundings =
                new Surroundings(
                        directory.toAbsolutePath().normalize(),
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        environment,
                        terminal,
                        terminal);
        int exitCode = Main.execute(surroundings, arguments);
        return new CommandLineRun(
                exitCode,
                out.toString(StandardCharsets.UTF_8),
                err.toString(StandardCharsets.UTF_8));
    }

    static CommandLineRun in(Path directory, List<String> arguments) {
        return in(directory, arguments.toArray(String[]::new));
    }

    static CommandLineRun in(Path directory, List<String> arguments, String... more) {
        return in(directory, Stream.concat(arguments.stream(), Stream.of(more)).toList());
    }

    /** The last line of standard output: the result object. */
    JsonNode result() {
        try {
            return JSON.readTree(out.lines().toList().getLast());
        } catch (IOException e) {
            throw new AssertionError("no JSON: " + out, e);
        }
    }

    /** Everything that was written, for messages of assertions. */
    String transcript() {
        return "exit code %d%nstandard output:%n%s%nstandard error:%n%s"
                .formatted(exitCode, out, err);
    }
}
