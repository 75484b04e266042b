package io.accrete.local;

import java.util.Optional;

/**
 * What came of a training.
 *
 * @param tokens scored in all steps
 * @param loss of the last step
 * @param validationBefore loss before the first step, where there is a validation
 * @param validationAfter loss after the last one
 * @param tokensPerSecond of this run
 * @param recoveries how often it went on from a checkpoint
 * @param job digest of all that decides the result
 */
public record TrainSummary(
        int steps,
        long tokens,
        double loss,
        Optional<Double> validationBefore,
        Optional<Double> validationAfter,
        double tokensPerSecond,
        int recoveries,
        String job) {}
