package io.accrete.protocol.train;

/**
 * A multiplier of the learning rate for the tensors whose whole name matches a pattern.
 *
 * @param pattern {@code *} stands for any run of characters, {@code ?} for one
 */
public record RateRule(String pattern, double multiplier) {}
