package io.accrete.coordinator;

import com.typesafe.config.Config;

import io.accrete.coordinator.pool.PoolLimits;

import java.time.Duration;

/**
 * What may be set of a coordinator; {@code reference.conf} has the defaults and says what each is.
 *
 * @param pool bounds on leases and retries
 * @param tick how often deadlines are looked at
 * @param jobsMax bound on the number of jobs in one journal
 * @param recipeBytesMax bound on the text of a recipe
 * @param viewTimeout how long a list of jobs waits for the slowest of them
 * @param answerTimeout how long a request waits for the coordinator
 */
public record CoordinatorSettings(
        PoolLimits pool,
        Duration tick,
        int jobsMax,
        long recipeBytesMax,
        Duration viewTimeout,
        Duration answerTimeout) {

    /**
     * @param config with the section {@code accrete.coordinator}
     */
    public static CoordinatorSettings from(Config config) {
        Config settings = config.getConfig("accrete.coordinator");
        return new CoordinatorSettings(
                new PoolLimits(
                        settings.getDuration("lease"),
                        settings.getInt("attempts-max"),
                        settings.getDuration("back-off"),
                        settings.getDuration("back-off-max"),
                        settings.getDuration("numeric-class-grace"),
                        settings.getDuration("forget-worker-after")),
                settings.getDuration("tick"),
                settings.getInt("jobs-max"),
                settings.getBytes("recipe-bytes-max"),
                settings.getDuration("view-timeout"),
                settings.getDuration("answer-timeout"));
    }
}
