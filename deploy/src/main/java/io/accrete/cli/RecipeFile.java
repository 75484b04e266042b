package io.accrete.cli;

import io.accrete.protocol.job.JobSpec;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A recipe as the command line names it.
 *
 * @param name as it was given
 */
record RecipeFile(String name, String text) {
    private static final int BYTES_MAX = 4 << 20;

    /**
     * @throws Refusal if it is no file that could be a recipe
     */
    static RecipeFile read(Surroundings surroundings, String name) throws IOException, Refusal {
        Path file = surroundings.resolve(name);
        if (!Files.exists(file)) {
            throw invalid(
                    name, "no such file", "check the name; it counts from the current directory");
        }
        if (Files.isDirectory(file)) {
            boolean merged = Files.exists(file.resolve("mergekit_config.yml"));
            throw invalid(
                    name,
                    "is a folder; a recipe is a YAML file",
                    merged
                            ? "did you mean %s/mergekit_config.yml?".formatted(name)
                            : "name the file");
        }
        try (InputStream in = Files.newInputStream(file)) {
            // Not by the file's size, which pipes do not have.
            ByteBuffer bytes = ByteBuffer.wrap(in.readNBytes(BYTES_MAX + 1));
            if (bytes.remaining() > BYTES_MAX) {
                throw invalid(
                        name,
                        "is longer than %s, the most that a recipe may have"
                                .formatted(ByteCount.text(BYTES_MAX)),
                        "is it a weight file?");
            }
            return new RecipeFile(
                    name, StandardCharsets.UTF_8.newDecoder().decode(bytes).toString());
        } catch (CharacterCodingException e) {
            throw invalid(name, "is not text in UTF-8", "save it as UTF-8");
        } catch (AccessDeniedException e) {
            throw invalid(name, "may not be read by this user", "check its permissions");
        }
    }

    private static Refusal invalid(String name, String message, String fix) {
        return Refusal.of(ExitCode.INVALID_INPUT, "STO-206", name, message, fix);
    }

    /** The job that makes it into a model. */
    JobSpec merge(Path output, RecipeOptions options, Path directory) {
        return JobSpec.merge(name, text, output.toString(), options.in(directory));
    }
}
