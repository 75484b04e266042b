package io.accrete.cli;

import io.accrete.coordinator.recipe.RecipeReader;
import io.accrete.protocol.job.JobSpec;
import io.accrete.protocol.store.BoundedText;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A recipe as the command line names it.
 *
 * @param name as it was given
 */
record RecipeFile(String name, String text) {
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
        try {
            return new RecipeFile(name, BoundedText.read(file, RecipeReader.BYTES_MAX));
        } catch (BoundedText.TooLongException e) {
            throw invalid(
                    name,
                    "is longer than %s, the most that a recipe may have"
                            .formatted(ByteCount.text(RecipeReader.BYTES_MAX)),
                    "is it a weight file?");
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
