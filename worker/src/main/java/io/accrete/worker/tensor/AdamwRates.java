package io.accrete.worker.tensor;

/**
 * The numbers of one step of AdamW.
 *
 * @param learningRate with schedule and multiplier applied
 * @param decay of the weights, 0 for those that do not decay; times the learning rate
 */
public record AdamwRates(
        double learningRate, double beta1, double beta2, double epsilon, double decay) {}
