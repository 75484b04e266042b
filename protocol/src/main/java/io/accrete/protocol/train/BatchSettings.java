package io.accrete.protocol.train;

/**
 * The rows of a step.
 *
 * @param microBatch rows that go through the pipeline together
 * @param accumulate micro-batches per step
 */
public record BatchSettings(int microBatch, int accumulate) {}
