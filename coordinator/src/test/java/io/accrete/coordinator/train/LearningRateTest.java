package io.accrete.coordinator.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;

import org.junit.jupiter.api.Test;

import java.io.IOException;

class LearningRateTest {

    private static LearningRate rate(JsonNode schedule) {
        return new LearningRate(
                TrainJobs.of(
                                "optimizer: {learning_rate: %s, schedule: %s, warmup_steps: %s, min_ratio: %s}"
                                        .formatted(
                                                schedule.path("learning_rate").asText(),
                                                schedule.path("kind").asText(),
                                                schedule.path("warmup_steps").asText(),
                                                schedule.path("min_ratio").asText()))
                        .optimizer(),
                schedule.path("steps").asInt());
    }

    @Test
    void schedulesAreThoseOfTheGoldens() throws IOException {
        JsonNode rows = TrainGoldens.json("schedules.json").path("rows");
        assertThat(rows).isNotEmpty();
        for (JsonNode row : rows) {
            for (int step = 1; step <= row.path("steps").asInt(); step++) {
                assertThat(rate(row).at(step))
                        .as("step %d of %s", step, row)
                        .isEqualTo(row.path("ours").path(step - 1).asDouble(), within(1e-15));
            }
        }
    }

    @Test
    void noStepIsWasted() {
        LearningRate rate =
                new LearningRate(
                        TrainJobs.of(
                                        "optimizer: {learning_rate: 1, warmup_steps: 4,"
                                                + " schedule: linear}")
                                .optimizer(),
                        8);
        assertThat(rate.at(1)).isEqualTo(0.25);
        assertThat(rate.at(4)).isEqualTo(1);
        assertThat(rate.at(5)).isEqualTo(1);
        assertThat(rate.at(8)).isEqualTo(0.25);
    }

    @Test
    void aWarmUpLongerThanTheTrainingIsCutOff() {
        LearningRate rate =
                new LearningRate(
                        TrainJobs.of("optimizer: {learning_rate: 1, warmup_steps: 10}").optimizer(),
                        5);
        assertThat(rate.at(5)).isEqualTo(0.5);
    }
}
