package io.accrete.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;

import io.accrete.coordinator.pool.PoolLimits;

import org.junit.jupiter.api.Test;

import java.time.Duration;

class CoordinatorSettingsTest {
    @Test
    void theDefaultsAreThese() {
        assertThat(CoordinatorSettings.from(ConfigFactory.load()))
                .isEqualTo(
                        new CoordinatorSettings(
                                new PoolLimits(
                                        Duration.ofSeconds(15),
                                        5,
                                        Duration.ofMillis(500),
                                        Duration.ofSeconds(30),
                                        Duration.ofSeconds(10),
                                        Duration.ofMinutes(5)),
                                Duration.ofMillis(500),
                                10_000,
                                4L << 20,
                                Duration.ofSeconds(3),
                                Duration.ofSeconds(20)));
    }

    @Test
    void everyKeyIsRead() {
        Config keys = ConfigFactory.load().getConfig("accrete.coordinator");

        assertThat(keys.root().keySet())
                .containsExactlyInAnyOrder(
                        "lease",
                        "attempts-max",
                        "back-off",
                        "back-off-max",
                        "numeric-class-grace",
                        "forget-worker-after",
                        "tick",
                        "jobs-max",
                        "recipe-bytes-max",
                        "view-timeout",
                        "answer-timeout");
    }
}
