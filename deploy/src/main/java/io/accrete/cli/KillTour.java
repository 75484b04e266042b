package io.accrete.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.accrete.protocol.job.Problem;
import io.accrete.protocol.store.Sha256;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Shows that a training that is killed comes back, and to the same bytes: in a process of its own.
 */
final class KillTour {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String OUT = "killed";

    private final Path place;
    private final Consumer<String> say;

    /**
     * @param atStep where it was killed
     * @param same whether all weights are those of the undisturbed run
     */
    record Outcome(int atStep, boolean same) {}

    KillTour(Path place, Consumer<String> say) {
        this.place = place;
        this.say = say;
    }

    /**
     * @param job file whose training is done again
     * @param undisturbed folder of its result
     * @param step after which the process is killed
     * @throws Refusal if the process ends otherwise than it should
     */
    Outcome run(String job, String undisturbed, int step)
            throws IOException, InterruptedException, Refusal {
        say.accept("");
        say.accept("accrete train %s %s".formatted(job, OUT));
        Process first = start(job);
        int at = readUntil(first, step);
        first.destroyForcibly().waitFor();
        if (at < step || Files.exists(place.resolve(OUT))) {
            throw failed("the training ended before it could be killed");
        }
        say.accept("kill -9 %d, after step %d".formatted(first.pid(), at));
        say.accept("accrete train %s %s".formatted(job, OUT));
        Process second = start(job);
        readUntil(second, Integer.MAX_VALUE);
        if (second.waitFor() != 0) {
            throw failed("the training that was killed did not come back");
        }
        Map<String, String> digests = digests(place.resolve(OUT));
        boolean same = digests.equals(digests(place.resolve(undisturbed)));
        digests.forEach(
                (file, digest) ->
                        say.accept(
                                "%s: sha256 %s, %s"
                                        .formatted(
                                                file,
                                                digest.substring(0, 16),
                                                same
                                                        ? "as of the run that nobody killed"
                                                        : "OTHER than of the run nobody killed")));
        return new Outcome(at, same);
    }

    /** As this process runs, but for what it was asked. */
    private Process start(String job) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElseThrow());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(
                List.of(
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "train",
                        job,
                        OUT,
                        "--json"));
        return new ProcessBuilder(command)
                .directory(place.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    /** Reads events until that step is done, or no more come; gives the last step. */
    private int readUntil(Process process, int step) throws IOException {
        int last = 0;
        // Not closed: the process writes on.
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            JsonNode event = JSON.readTree(line);
            if (event.path("event").asText().equals("step")) {
                int done = event.path("step").asInt();
                if (last == 0 && done > 1) {
                    say.accept("goes on with step %d".formatted(done));
                }
                last = done;
            }
            if (last >= step) {
                return last;
            }
        }
        return last;
    }

    private static Map<String, String> digests(Path folder) throws IOException {
        Map<String, String> digests = new TreeMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".safetensors")).toList()) {
                digests.put(file.getFileName().toString(), Sha256.hex(file));
            }
        }
        return digests;
    }

    private static Refusal failed(String sentence) {
        return new Refusal(
                ExitCode.JOB_FAILED,
                List.of(
                        Problem.error(
                                "RES-204",
                                null,
                                sentence,
                                "run `accrete train` there to see why")));
    }
}
