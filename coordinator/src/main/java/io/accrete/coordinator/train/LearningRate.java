package io.accrete.coordinator.train;

import io.accrete.protocol.train.OptimizerSettings;

/**
 * The course of the learning rate. Step t of the warm-up has the share t / warm-up of it, so that
 * no step has rate 0; the first step after warm-up has all of it.
 *
 * @param steps over which the schedule runs
 */
public record LearningRate(OptimizerSettings optimizer, int steps) {

    /**
     * @param step counts from 1
     */
    public double at(int step) {
        double rate = optimizer.learningRate();
        int warmup = optimizer.warmupSteps();
        if (step <= warmup) {
            return rate * step / warmup;
        }
        double done = (double) (step - 1 - warmup) / (steps - warmup);
        double least = optimizer.minRatio();
        return switch (optimizer.schedule()) {
            case CONSTANT -> rate;
            case LINEAR -> rate * (least + (1 - least) * (1 - done));
            case COSINE -> rate * (least + (1 - least) * (1 + Math.cos(Math.PI * done)) / 2);
        };
    }
}
