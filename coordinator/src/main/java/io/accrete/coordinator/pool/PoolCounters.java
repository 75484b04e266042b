package io.accrete.coordinator.pool;

/**
 * How often each thing happened since this pool began.
 *
 * @param doubled tasks given to a second worker since the first was slow
 * @param drained workers that get no more since too much failed on them
 * @param refused results whose epoch was not current
 */
public record PoolCounters(
        long granted,
        long resent,
        long settled,
        long failed,
        long expired,
        long refused,
        long doubled,
        long drained) {}
