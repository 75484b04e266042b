package io.accrete.coordinator.pool;

/**
 * How often each thing happened since this pool began.
 *
 * @param refused results whose epoch was not current
 */
public record PoolCounters(
        long granted, long resent, long settled, long failed, long expired, long refused) {}
