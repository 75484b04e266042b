package io.accrete.local;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;

import io.accrete.protocol.job.JobKind;
import io.accrete.protocol.job.JobSpec;
import io.accrete.protocol.store.FileIdentity;
import io.accrete.protocol.store.Sha256;

import org.jspecify.annotations.Nullable;

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
 * @param key digest of the command by which it began: recipe, options and output; the journal knows
 *     it by that
 * @param recipeFile what the recipe was called
 * @param job digest of all that decides the result
 * @param sources weight files as they were when the job began
 * @param command digest of the command by which it went on last; as {@code key} in files of before,
 *     which have none
 * @param kin the same for all commands that end with the same result; empty where there is but one
 */
record StagedJob(
        String key,
        String recipeFile,
        String job,
        List<FileIdentity> sources,
        String command,
        String kin) {
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

    StagedJob(
            String key,
            String recipeFile,
            String job,
            List<FileIdentity> sources,
            @Nullable String command,
            @Nullable String kin) {
        this.key = Objects.requireNonNull(key);
        this.recipeFile = Objects.requireNonNull(recipeFile);
        this.job = Objects.requireNonNull(job);
        this.sources = List.copyOf(sources);
        this.command = command == null ? key : command;
        this.kin = kin == null ? "" : kin;
    }

    static StagedJob of(JobSpec spec, String digest, List<FileIdentity> sources) {
        String key = key(spec);
        // Of a training neither its cut nor its checkpoints decide the result.
        String kin =
                spec.kind() == JobKind.TRAIN
                        ? Sha256.hex(json(List.of(digest, spec.output(), spec.options())))
                        : "";
        return new StagedJob(key, spec.recipeFile(), digest, sources, key, kin);
    }

    /** Whether it was begun, and gone on with last, by the same command. */
    boolean isBy(StagedJob mine) {
        return command.equals(mine.command);
    }

    /** Whether that command ends with the result of this one. */
    boolean isKinOf(StagedJob mine) {
        return !kin.isEmpty() && kin.equals(mine.kin);
    }

    /** This command, for a job that began by another one. */
    StagedJob goingOn(StagedJob earlier) {
        return new StagedJob(earlier.key, recipeFile, job, sources, command, kin);
    }

    /** By which command it goes on is open: the next one says it again. */
    StagedJob undecided() {
        return new StagedJob(key, recipeFile, job, sources, "", kin);
    }

    private static String key(JobSpec spec) {
        // The file's name is for messages only: a recipe may be moved between two runs.
        JobSpec named =
                new JobSpec(
                        spec.kind(),
                        "",
                        spec.recipe(),
                        spec.output(),
                        spec.options(),
                        spec.stages());
        return Sha256.hex(json(named));
    }

    private static byte[] json(Object value) {
        try {
            return JSON.writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
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
