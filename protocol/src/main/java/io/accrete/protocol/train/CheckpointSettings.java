package io.accrete.protocol.train;

/**
 * When the state of the training is made durable.
 *
 * @param every steps from one to the next
 * @param keep how many of the latest stay on disk
 */
public record CheckpointSettings(int every, int keep) {}
