package io.accrete.local;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;

import io.accrete.protocol.job.JobSpec;
import io.accrete.protocol.store.FileIdentity;
import io.accrete.protocol.store.Sha256;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Which job a staging folder belongs to, so that another command on the same output is told so
 * before anything of the first is touched.
 *
 * @param key digest of the command: recipe, options and output
 * @param recipeFile what the recipe was called
 * @param job digest of the plan
 * @param sources weight files as they were when the job began
 */
record StagedJob(String key, String recipeFile, String job, List<FileIdentity> sources) {
    /** Name of the file in the staging folder. */
    static final String FILE = "job.json";

    private static final ObjectMapper JSON = JsonMapper.builder().build();

    /** The file is not what a job writes. */
    static final class Damaged extends IOException {
        private static final long serialVersionUID = 1;

        Damaged(Path file, Exception cause) {
            super(file + " is damaged", cause);
        }
    }

    StagedJob {
        Objects.requireNonNull(key);
        Objects.requireNonNull(recipeFile);
        Objects.requireNonNull(job);
        sources = List.copyOf(sources);
    }

    static StagedJob of(JobSpec spec, String digest, List<FileIdentity> sources) {
        return new StagedJob(key(spec), spec.recipeFile(), digest, sources);
    }

    private static String key(JobSpec spec) {
        try {
            // The file's name is for messages only: a recipe may be moved between two runs.
            JobSpec named =
                    new JobSpec(
                            spec.kind(),
                            "",
                            spec.recipe(),
                            spec.output(),
                            spec.options(),
                            spec.stages());
            return Sha256.hex(JSON.writeValueAsBytes(named));
        } catch (IOException e) {
            throw new IllegalStateException("a job has JSON", e);
        }
    }

    static Optional<StagedJob> read(Path staging) throws IOException {
        Path file = staging.resolve(FILE);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    Objects.requireNonNull(JSON.readValue(file.toFile(), StagedJob.class)));
        } catch (JsonProcessingException | NullPointerException e) {
            throw new Damaged(file, e);
        }
    }

    void write(Path staging) throws IOException {
        Path temporary = staging.resolve(FILE + ".tmp");
        Files.write(temporary, JSON.writeValueAsString(this).getBytes(StandardCharsets.UTF_8));
        Files.move(
                temporary,
                staging.resolve(FILE),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
    }

    /** Sources that are not what they were in {@code earlier}. */
    List<FileIdentity> changedSince(StagedJob earlier) {
        return sources.stream()
                .filter(
                        now ->
                                earlier.sources().stream()
                                        .anyMatch(
                                                then ->
                                                        then.path().equals(now.path())
                                                                && !then.stillIs(now)))
                .toList();
    }
}
