package io.accrete.protocol.train;

/**
 * When a step is skipped since its loss or its gradient stands out from those before it.
 *
 * @param z robust deviations from the median above which it does
 */
public record SpikeSettings(double z) {}
