package io.accrete.coordinator.pool;

import java.time.Duration;

/**
 * Bounds on what the pool grants.
 *
 * @param lease how long a worker may be silent before its task is given to another
 * @param suspicion how long, once there is a sign that it is dead
 * @param attemptsMax how often a task is tried
 * @param backOff wait after the first failure of a task; doubled with each further one
 * @param backOffMax longest such wait
 * @param classGrace how long a job waits for a worker of its numeric class
 * @param keep how long workers keep the state of stages that they were given by another pool
 * @param forgetAfter how long a worker that holds nothing may be silent before it is forgotten
 * @param workerTasksMax tasks that one worker is given at the same time, whatever it offers
 * @param workerFaultsMax tasks in a row that fail on a worker before it is drained
 * @param straggler when a task is given to a second worker too
 */
public record PoolLimits(
        Duration lease,
        Duration suspicion,
        int attemptsMax,
        Duration backOff,
        Duration backOffMax,
        Duration classGrace,
        Duration keep,
        Duration forgetAfter,
        int workerTasksMax,
        int workerFaultsMax,
        Straggler straggler) {

    /**
     * A task straggles that takes {@code factor} times as long as others of its job did for as many
     * bytes.
     *
     * @param factor 0 for never
     * @param least no task straggles before
     */
    public record Straggler(double factor, Duration least) {
        boolean applies(long ageNanos, double usualNanos) {
            return factor > 0 && ageNanos >= least.toNanos() && ageNanos >= factor * usualNanos;
        }
    }

    long backOffNanos(int attempts) {
        long nanos = backOff.toNanos();
        for (int i = 1; i < attempts && nanos < backOffMax.toNanos(); i++) {
            nanos *= 2;
        }
        return Math.min(nanos, backOffMax.toNanos());
    }
}
