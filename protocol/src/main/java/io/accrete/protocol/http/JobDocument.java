package io.accrete.protocol.http;

import io.accrete.protocol.job.JobKind;
import io.accrete.protocol.job.JobSpec;
import io.accrete.protocol.job.MergeOptions;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.List;

/**
 * A job as it is submitted: the body of {@code POST /jobs}.
 *
 * @param kind {@code merge} or {@code train}
 * @param recipe of a merge: the text of a mergekit-compatible recipe
 * @param recipeFile what that text is called in messages; {@code recipe} or {@code job} if it is
 *     left out
 * @param job of a training: the text of a job file
 * @param output the folder to publish; a relative one counts from the first root
 * @param options each may be left out
 */
public record JobDocument(
        @Nullable JobKind kind,
        @Nullable String recipe,
        @Nullable String recipeFile,
        @Nullable String job,
        @Nullable String output,
        @Nullable JobOptions options) {
    private static final int NAME_LENGTH_MAX = 255;

    /** What is missing or wrong in the document itself, as a sentence; null if nothing is. */
    public @Nullable String fault() {
        if (kind == null) {
            return "`kind` is missing; here it is `merge` or `train`";
        }
        String missing =
                switch (kind) {
                    case MERGE ->
                            isBlank(recipe)
                                    ? "`recipe` is missing or empty; it is the text of a recipe"
                                    : null;
                    case TRAIN ->
                            isBlank(job)
                                    ? "`job` is missing or empty; it is the text of a job file"
                                    : null;
                    case EXPORT ->
                            "an export is asked of its training: POST"
                                    + " /jobs/{id}/export?output=FOLDER";
                };
        if (missing != null) {
            return missing;
        }
        if (recipe != null && job != null) {
            return "a merge has a `recipe`, a training has a `job`; none has both";
        }
        if (output == null || output.isBlank()) {
            return "`output` is missing or empty; it names the folder to publish";
        }
        if (recipeFile != null && recipeFile.length() > NAME_LENGTH_MAX) {
            return "`recipe_file` has %d characters, at most %d are allowed"
                    .formatted(recipeFile.length(), NAME_LENGTH_MAX);
        }
        if (options != null && options.outShardSize() != null && options.outShardSize() < 0) {
            return "`out_shard_size` is %d; it is 0 for one shard, or more"
                    .formatted(options.outShardSize());
        }
        return null;
    }

    private static boolean isBlank(@Nullable String text) {
        return text == null || text.isBlank();
    }

    /**
     * @param output the absolute path
     * @param roots absolute folders under which all models must lie; relative paths of the recipe
     *     count from the first
     * @throws IllegalStateException if the document has a {@link #fault}
     */
    public JobSpec spec(Path output, List<Path> roots) {
        String text = kind == JobKind.TRAIN ? job : recipe;
        if (kind == null || text == null) {
            throw new IllegalStateException("the document has a fault: " + fault());
        }
        JobOptions given = options == null ? JobOptions.NONE : options;
        MergeOptions chosen =
                given.over(
                        MergeOptions.defaults(roots.getFirst().toString()),
                        roots.stream().map(Path::toString).toList());
        String name = recipeFile != null ? recipeFile : kind == JobKind.TRAIN ? "job" : "recipe";
        return new JobSpec(kind, name, text, output.toString(), chosen, given.stages());
    }
}
