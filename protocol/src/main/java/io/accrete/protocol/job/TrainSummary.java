package io.accrete.protocol.job;

import org.jspecify.annotations.Nullable;

/**
 * The result object of a training; see the contract in {@code docs/formats.md}.
 *
 * @param tokens scored in all steps
 * @param loss of the last step
 * @param tokensPerSecond from the first step of the last run to its end
 * @param recoveries how often it went on from a checkpoint, or under another coordinator
 * @param job digest of all that decides the result
 * @param publishedStep after which the weights are published: the last, or the best; null in
 *     journals of before
 */
public record TrainSummary(
        String output,
        int steps,
        long tokens,
        @Nullable Double loss,
        Validation validation,
        double tokensPerSecond,
        int recoveries,
        String job,
        @Nullable Integer publishedStep)
        implements JobSummary {

    /**
     * Losses on the texts that are held back; null where there are none.
     *
     * @param before the first step
     * @param after the step whose weights are published
     */
    public record Validation(@Nullable Double before, @Nullable Double after) {}
}
