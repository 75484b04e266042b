package io.accrete.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.time.Duration;

class WorkerSettingsTest {

    @ParameterizedTest(name = "{0} cores, {1} workers of {2} slots")
    @CsvSource({
        "1, 1, 1, 1",
        "2, 1, 1, 2",
        "16, 1, 1, 4",
        "16, 8, 1, 2",
        "8, 2, 2, 2",
        "2, 8, 1, 1"
    })
    void workersComputeWithTheirShareOfTheCores(int cores, int workers, int slots, int threads) {
        Duration second = Duration.ofSeconds(1);
        WorkerSettings settings = new WorkerSettings("w", slots, 4, second, second, second, second);

        assertThat(settings.threads(cores, workers)).isEqualTo(threads);
    }
}
