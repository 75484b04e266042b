package io.accrete.protocol.job;

/**
 * A job as it was submitted.
 *
 * @param recipeFile what the recipe is called in messages
 * @param recipe its text
 * @param output absolute path of the folder to publish
 */
public record JobSpec(
        JobKind kind, String recipeFile, String recipe, String output, MergeOptions options) {}
