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
 * @param askAgainAfter after which a question that may be asked twice is asked again, at first
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
     */
    public static CoordinatorSettings from(Config config) {
        Config settings = config.getConfig("accrete.coordinator");
        return new CoordinatorSettings(
                new PoolLimits(
                        settings.getDuration("lease"),
                        settings.getDuration("suspicion"),
                        settings.getInt("attempts-max"),
                        settings.getDuration("back-off"),
                        settings.getDuration("back-off-max"),
                        settings.getDuration("numeric-class-grace"),
                        settings.getDuration("keep-stages"),
                        settings.getDuration("forget-worker-after"),
                        settings.getInt("worker-tasks-max"),
                        settings.getInt("worker-faults-max"),
                        new PoolLimits.Straggler(
                                settings.getDouble("straggler-factor"),
                                settings.getDuration("straggler-least"))),
                settings.getDuration("tick"),
                settings.getDuration("gather"),
                new JobLimits(
                        settings.getInt("jobs-max"),
                        settings.getInt("queue-max"),
                        settings.getInt("user-jobs-max")),
                settings.getBytes("disk-reserve"),
                settings.getBytes("recipe-bytes-max"),
                settings.getDuration("view-timeout"),
                settings.getDuration("answer-timeout"),
                settings.getDuration("ask-again-after"));
    }
}
