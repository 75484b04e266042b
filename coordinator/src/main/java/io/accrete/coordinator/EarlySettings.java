package io.accrete.coordinator;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.Optional;

/** The settings of actor systems: once read, they are there for every system of the process. */
public final class EarlySettings {
    private static final Logger LOG = LoggerFactory.getLogger(EarlySettings.class);

    private EarlySettings() {}

    /** Empty if they cannot be read. */
    public static Optional<Config> read() {
        try {
            return Optional.of(ConfigFactory.load());
        } catch (ConfigException e) {
            LOG.debug("an actor system will find the same, and say so", e);
            return Optional.empty();
        }
    }
}
