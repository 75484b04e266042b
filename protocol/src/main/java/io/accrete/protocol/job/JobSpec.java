package io.accrete.protocol.job;

import io.accrete.protocol.train.ExportOrder;

import org.jspecify.annotations.Nullable;

import java.util.OptionalInt;

/**
 * A job as it was submitted.
 *
 * @param recipeFile what the recipe, or the job file of a training, is called in messages
 * @param recipe its text; of an export the text of an {@link io.accrete.protocol.train.ExportOrder}
 * @param output absolute path of the folder to publish
 * @param options of a training only those count that say where models lie, and {@code overwrite}
 * @param stages of a training
 */
public record JobSpec(
        JobKind kind,
        String recipeFile,
        String recipe,
        String output,
        MergeOptions options,
        StageBudget stages) {

    /**
     * @param stages absent in journals of before
     */
    public JobSpec(
            JobKind kind,
            String recipeFile,
            String recipe,
            String output,
            MergeOptions options,
            @Nullable StageBudget stages) {
        this.kind = kind;
        this.recipeFile = recipeFile;
        this.recipe = recipe;
        this.output = output;
        this.options = options;
        this.stages = stages == null ? StageBudget.ANY : stages;
    }

    /** A merge. */
    public static JobSpec merge(
            String recipeFile, String recipe, String output, MergeOptions options) {
        return new JobSpec(JobKind.MERGE, recipeFile, recipe, output, options, StageBudget.ANY);
    }

    /**
     * Publishes the weights of a checkpoint of a training.
     *
     * @param training absolute path of the folder that it publishes itself
     * @param step one that has a checkpoint; the latest if empty
     */
    public static JobSpec export(
            String training, OptionalInt step, String output, MergeOptions options) {
        return new JobSpec(
                JobKind.EXPORT,
                "export",
                new ExportOrder(training, step).text(),
                output,
                options,
                StageBudget.ANY);
    }
}
