package io.accrete.protocol.job;

/**
 * What the pool of workers comes to at one moment. What is counted is counted since it began.
 *
 * @param workers that are registered
 * @param slots tasks that they run at the same time
 * @param pending tasks that may be granted at once
 * @param delayed tasks that failed and wait to be tried again
 * @param leased tasks that a worker has
 * @param givenUp tasks that failed as often as they may
 * @param granted leases
 * @param expired leases whose worker was silent
 * @param settled tasks whose result was accepted
 * @param failed tasks that a worker reported as failed
 * @param doubled tasks given to a second worker since the first was slow
 * @param drained workers that get no more since too much failed on them
 * @param refused results that came under a lease that had ended
 * @param queueWait of tasks, from when they could be granted until they were
 */
public record PoolFigures(
        int workers,
        int slots,
        int pending,
        int delayed,
        int leased,
        int givenUp,
        long granted,
        long expired,
        long settled,
        long failed,
        long doubled,
        long drained,
        long refused,
        DurationCounts queueWait) {}
