package io.accrete.coordinator;

import com.typesafe.config.Config;

import io.accrete.coordinator.job.JobLimits;
import io.accrete.coordinator.pool.PoolLimits;

import java.time.Duration;

/**
 * What may be set of a coordinator; {@code reference.conf} has the defaults and says what each is.
 *
 * @param pool bounds on leases and retries
 * @param tick how often deadlines are looked at
 * @param gather how long a training waits for more workers than there are
 * @param jobs bounds on their number
 * @param diskReserve bytes that must stay free on the file system of an output
 * @param recipeBytesMax bound on the text of a recipe
 * @param viewTimeout how long a list of jobs waits for the slowest of them
 * @param answerTimeout how long a request waits for the coordinator
 * @param askAgainAfter after which a question that may be asked twice is asked again, each time
 */
public record CoordinatorSettings(
        PoolLimits pool,
        Duration tick,
        Duration gather,
        JobLimits jobs,
        long diskReserve,
        long recipeBytesMax,
        Duration viewTimeout,
        Duration answerTimeout,
        Duration askAgainAfter) {

    /**
     * @param config with the section {@code accrete.coordinator}
     * @throws com.typesafe.config.ConfigException if a value is of another type, or out of bounds
     */
    public static CoordinatorSettings from(Config config) {
        BoundedConfig settings = new BoundedConfig(config.getConfig("accrete.coordinator"));
        return new CoordinatorSettings(
                new PoolLimits(
                        settings.period("lease"),
                        settings.period("suspicion"),
                        settings.count("attempts-max"),
                        settings.wait("back-off"),
                        settings.wait("back-off-max"),
                        settings.wait("numeric-class-grace"),
                        settings.wait("keep-stages"),
                        settings.wait("forget-worker-after"),
                        settings.count("worker-tasks-max"),
                        settings.count("worker-faults-max"),
                        new PoolLimits.Straggler(
                                settings.factor("straggler-factor"),
                                settings.wait("straggler-least"))),
                settings.period("tick"),
                settings.wait("gather"),
                new JobLimits(
                        settings.count("jobs-max"),
                        settings.count("queue-max"),
                        settings.count("user-jobs-max")),
                settings.bytes("disk-reserve"),
                settings.bytes("recipe-bytes-max"),
                settings.period("view-timeout"),
                settings.period("answer-timeout"),
                settings.period("ask-again-after"));
    }
}
