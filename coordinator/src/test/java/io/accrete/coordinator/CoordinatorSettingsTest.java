package io.accrete.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;

import io.accrete.coordinator.job.JobLimits;
import io.accrete.coordinator.pool.PoolLimits;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Duration;

class CoordinatorSettingsTest {
    @Test
    void theDefaultsAreThese() {
        assertThat(CoordinatorSettings.from(ConfigFactory.load()))
                .isEqualTo(
                        new CoordinatorSettings(
                                new PoolLimits(
                                        Duration.ofSeconds(15),
                                        Duration.ofSeconds(3),
                                        5,
                                        Duration.ofMillis(500),
                                        Duration.ofSeconds(30),
                                        Duration.ofSeconds(10),
                                        Duration.ofMinutes(2),
                                        Duration.ofMinutes(5),
                                        64,
                                        3,
                                        new PoolLimits.Straggler(3, Duration.ofSeconds(10))),
                                Duration.ofMillis(500),
                                Duration.ofSeconds(2),
                                new JobLimits(10_000, 5_000, 2_500),
                                0,
                                4L << 20,
                                Duration.ofSeconds(3),
                                Duration.ofSeconds(20),
                                Duration.ofMillis(500)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "lease = 0s",
                "lease = -5s",
                "tick = 0s",
                "answer-timeout = 0s",
                "back-off = -1s",
                "gather = 400d",
                "attempts-max = 0",
                "worker-tasks-max = -3",
                "queue-max = 0",
                "straggler-factor = -1"
            })
    void withWhatNothingWouldWorkIsRefused(String line) {
        Config config =
                ConfigFactory.parseString("accrete.coordinator { %s }".formatted(line))
                        .withFallback(ConfigFactory.load());

        assertThatThrownBy(() -> CoordinatorSettings.from(config))
                .isInstanceOf(ConfigException.BadValue.class)
                .hasMessageContaining(line.substring(0, line.indexOf(' ')));
    }

    @Test
    void everyKeyIsRead() {
        Config keys = ConfigFactory.load().getConfig("accrete.coordinator");

        assertThat(keys.root().keySet())
                .containsExactlyInAnyOrder(
                        "lease",
                        "suspicion",
                        "gather",
                        "attempts-max",
                        "back-off",
                        "back-off-max",
                        "numeric-class-grace",
                        "keep-stages",
                        "forget-worker-after",
                        "tick",
                        "worker-tasks-max",
                        "worker-faults-max",
                        "straggler-factor",
                        "straggler-least",
                        "jobs-max",
                        "queue-max",
                        "user-jobs-max",
                        "disk-reserve",
                        "recipe-bytes-max",
                        "view-timeout",
                        "answer-timeout",
                        "ask-again-after");
    }
}
