package io.accrete.coordinator.pool;

import java.time.Duration;

/**
 * Bounds on what the pool grants.
 *
 * @param lease how long a worker may be silent before its task is given to another
 * @param attemptsMax how often a task is tried
 * @param backOff wait after the first failure of a task; doubled with each further one
 * @param backOffMax longest such wait
 * @param classGrace how long a job waits for a worker of its numeric class
 * @param forgetAfter how long a worker that holds nothing may be silent before it is forgotten
 */
public record PoolLimits(
        Duration lease,
        int attemptsMax,
        Duration backOff,
        Duration backOffMax,
        Duration classGrace,
        Duration forgetAfter) {

    long backOffNanos(int attempts) {
        long nanos = backOff.toNanos();
        for (int i = 1; i < attempts && nanos < backOffMax.toNanos(); i++) {
            nanos *= 2;
        }
        return Math.min(nanos, backOffMax.toNanos());
    }
}
