package io.accrete.coordinator.pool;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.stream.LongStream;

/**
 * Whole runs of pool and workers in virtual time, where messages are lost, late and doubled, and
 * workers die. A seed makes a run; to repeat one: {@code -Dsimulation.seed=N}.
 */
class PoolSimulationTest {
    private static final int RUNS = 300;

    @ParameterizedTest
    @MethodSource("seeds")
    void everyTaskIsSettledOnceWhateverHappens(long seed) {
        PoolSimulation simulation = new PoolSimulation(seed);

        simulation.run();

        assertThat(simulation.settledShards())
                .as("seed %d", seed)
                .containsExactlyInAnyOrderElementsOf(simulation.allShards());
    }

    static LongStream seeds() {
        Long chosen = Long.getLong("simulation.seed");
        return chosen == null ? LongStream.rangeClosed(1, RUNS) : LongStream.of(chosen);
    }
}
