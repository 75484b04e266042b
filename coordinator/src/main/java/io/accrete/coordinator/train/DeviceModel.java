package io.accrete.coordinator.train;

/**
 * A worker as the planner sees it.
 *
 * @param memoryBytes that a stage on it may need
 * @param flops float32 operations in a second, as matrix products reach them
 */
public record DeviceModel(long memoryBytes, double flops) {}
