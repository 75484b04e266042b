package io.accrete.coordinator;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;

import java.time.Duration;

/** Values with the least that they may be: beyond it nothing would work, or would ever end. */
final class BoundedConfig {
    private static final Duration PERIOD_MIN = Duration.ofMillis(1);
    private static final Duration PERIOD_MAX = Duration.ofDays(365);

    private final Config config;

    BoundedConfig(Config config) {
        this.config = config;
    }

    /** Something that happens again and again, or that others must manage within. */
    Duration period(String key) {
        return within(key, config.getDuration(key), PERIOD_MIN);
    }

    /** May be left out with 0. */
    Duration wait(String key) {
        return within(key, config.getDuration(key), Duration.ZERO);
    }

    private Duration within(String key, Duration value, Duration least) {
        require(
                value.compareTo(least) >= 0 && value.compareTo(PERIOD_MAX) <= 0,
                key,
                "is %d ms; it is a time from %d ms to a year"
                        .formatted(value.toMillis(), least.toMillis()));
        return value;
    }

    /** Of something of which there must be one. */
    int count(String key) {
        int value = config.getInt(key);
        require(value >= 1, key, "is %d; it is 1 or more".formatted(value));
        return value;
    }

    double factor(String key) {
        double value = config.getDouble(key);
        require(value >= 0, key, "is %s; it is 0 or more".formatted(value));
        return value;
    }

    long bytes(String key) {
        return config.getBytes(key);
    }

    private void require(boolean holds, String key, String why) {
        if (!holds) {
            throw new ConfigException.BadValue(config.getValue(key).origin(), key, why);
        }
    }
}
