package io.accrete.coordinator.finetune;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.coordinator.train.JobReader;
import io.accrete.protocol.train.TrainJob;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.List;

class TrainCourseTest {
    private static final int SEEDS = Integer.getInteger("accrete.seeds", 100);
    private static final int EVENTS_MAX = 1_000_000;

    private static TrainJob job() {
        return JobReader.read(
                        "job.yml",
                        """
                        model: m
                        data: {train: [t], validation: [v]}
                        batch: {micro_batch: 2, accumulate: 1}
                        steps: 23
                        checkpoint: {every: 4, keep: 2}
                        monitor: {validate_every: 5}
                        """)
                .job()
                .orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void whateverHappensOnTheWayTheEndIsTheSame(int groups) {
        CourseSimulation undisturbed = new CourseSimulation(job(), groups, 0, 0);
        List<Long> weights = undisturbed.run(EVENTS_MAX);
        assertThat(undisturbed.recoveries()).isZero();
        assertThat(undisturbed.metrics().lines()).hasSize(23 + 6);
        int recoveries = 0;
        for (int seed = 1; seed <= SEEDS; seed++) {
            CourseSimulation troubled = new CourseSimulation(job(), groups, seed, 0.05);
            assertThat(troubled.run(EVENTS_MAX)).as("seed %d", seed).isEqualTo(weights);
            assertThat(troubled.metrics()).as("seed %d", seed).isEqualTo(undisturbed.metrics());
            recoveries += troubled.recoveries();
        }
        assertThat(recoveries).isGreaterThan(SEEDS);
    }
}
