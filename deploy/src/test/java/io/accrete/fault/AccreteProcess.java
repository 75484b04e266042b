package io.accrete.fault;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.jspecify.annotations.Nullable;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** The command line in a process of its own, as people run it. */
final class AccreteProcess {
    static final Path SUPERVISOR = Path.of("supervise").toAbsolutePath();
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Process process;
    private final Path err;
    private final List<String> lines = new ArrayList<>();

    private AccreteProcess(Process process, Path err) {
        this.process = process;
        this.err = err;
    }

    /**
     * @param log folder for what the process writes to standard error
     */
    static AccreteProcess start(Path directory, Path log, List<String> arguments)
            throws IOException {
        return start(directory, log, List.of(), arguments);
    }

    /** As the launcher runs a node. */
    static AccreteProcess startSupervised(Path directory, Path log, List<String> arguments)
            throws IOException {
        return start(directory, log, List.of(SUPERVISOR.toString()), arguments);
    }

    /**
     * @param within a program and its arguments that start the process in a place of its own, and
     *     become it or stay above it
     */
    static AccreteProcess start(
            Path directory, Path log, List<String> within, List<String> arguments)
            throws IOException {
        // A test run in the background ignores Ctrl-C, and its children would inherit that.
        List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT,TERM"));
        command.addAll(within);
        command.add(ProcessHandle.current().info().command().orElseThrow());
        command.addAll(
                List.of(
                        "--sun-misc-unsafe-memory-access=allow",
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx512m",
                        "-Daccrete.supervised=" + within.contains(SUPERVISOR.toString())));
        command.addAll(ProgramClasses.options());
        command.add("io.accrete.cli.Main");
        command.addAll(arguments);
        Path err = Files.createTempFile(log, "err", ".txt");
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .directory(directory.toFile())
                        .redirectError(err.toFile());
        builder.environment().put("OMP_NUM_THREADS", "1");
        return new AccreteProcess(builder.start(), err);
    }

    /** Reads on until a line of standard output matches; null if the process ends before. */
    @Nullable String readUntil(Predicate<String> wanted) throws IOException {
        // Not closed: the process writes on.
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            lines.add(line);
            if (wanted.test(line)) {
                return line;
            }
        }
        return null;
    }

    long pid() {
        return process.pid();
    }

    /** Not by Java's own means, which would close what the process has yet to be read. */
    void kill() throws IOException, InterruptedException {
        signal("KILL");
        process.waitFor();
    }

    void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(pid())).start().waitFor();
    }

    boolean endsWithin(Duration time) throws InterruptedException {
        return process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Waits for the end. */
    int exitCode() throws IOException, InterruptedException {
        readUntil(line -> false);
        if (!endsWithin(PATIENCE)) {
            process.destroyForcibly();
            throw new AssertionError("still running after " + PATIENCE + "\n" + transcript());
        }
        return process.exitValue();
    }

    /** Objects of standard output so far, the result last. */
    List<JsonNode> objects() throws IOException {
        List<JsonNode> objects = new ArrayList<>();
        for (String line : lines) {
            objects.add(JSON.readTree(line));
        }
        return objects;
    }

    /** As {@link #objects}, without a line that a kill cut off. */
    List<JsonNode> completeObjects() throws IOException {
        if (!lines.isEmpty() && !lines.getLast().endsWith("}")) {
            lines.removeLast();
        }
        return objects();
    }

    JsonNode result() throws IOException {
        return objects().getLast();
    }

    String err() throws IOException {
        return Files.readString(err);
    }

    String transcript() {
        try {
            return String.join("\n", lines) + "\n" + err();
        } catch (IOException e) {
            return String.join("\n", lines) + "\nno standard error: " + e;
        }
    }
}
