package io.accrete.coordinator.train;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.List;
import java.util.Optional;

class GrowthAdviceTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1.24e9 | 16 | 24 | 1B, 16 -> 24 layers | rarely beats a model of 3B",
                "3.21e9 | 28 | 42 | 3B, 28 -> 42 layers | identity clones",
                "8.03e9 | 32 | 48 | 8B, 32 -> 48 layers | the best evidence",
                "13.0e9 | 40 | 60 | 13B, 40 -> 60 layers | 1,200 KiB of cache",
                "70.6e9 | 80 | 120 | 70B, 80 -> 120 layers | a teacher is strongly advised",
                "70.6e9 | 80 | 140 | 70B, 80 -> 140 layers | 2,043 GiB to train all of it",
                "405.9e9 | 126 | 210 | 405B, 126 -> 210 layers | no evaluation is published",
            })
    void theNearestRowIsSaidWithWhatItRestsOn(
            double parameters, int base, int own, String shape, String words) {
        long grown = (long) (parameters * own / base);
        List<String> advice = GrowthAdvice.of((long) parameters, base, grown, own);
        assertThat(advice).hasSize(3);
        assertThat(advice.get(1)).contains(shape, words);
        assertThat(advice.get(2)).contains("a judgement", "nothing measured");
    }

    @Test
    void capacityIsAHeuristicThatIsCalledOne() {
        assertThat(GrowthAdvice.of(70_553_706_496L, 80, 121_888_571_392L, 140).getFirst())
                .startsWith("80 -> 140 layers, 1.73 times the parameters: 1.47 times the capacity")
                .contains("parameters^0.7", "a heuristic", "no source");
    }

    @Test
    void aTinyModelHasNoRow() {
        assertThat(GrowthAdvice.of(260_000, 5, 390_000, 8))
                .hasSize(2)
                .last()
                .asString()
                .contains("says little about large ones");
    }

    @Test
    void whatDidNotGrowNeedsNoAdvice() {
        assertThat(GrowthAdvice.of(8_030_000_000L, 32, 8_030_000_000L, 32)).isEmpty();
        assertThat(GrowthAdvice.of(8_030_000_000L, 32, 7_000_000_000L, 28)).isEmpty();
    }

    /** The base of a growth is the model before all rounds. */
    @Test
    void aPlanHasIt() {
        String text =
                TrainJobs.LEAST + "grow: {rounds: {order: middle-out, add: 20, until: 120}}\n";
        TrainReport report =
                TrainPlanner.plan(
                                new TrainRequest(
                                        JobReader.read("job.yml", text),
                                        TrainModels.llama3With70Billion(),
                                        Optional.empty(),
                                        List.of(new DeviceModel(1L << 45, 40e12))))
                        .report()
                        .orElseThrow();
        assertThat(report.advice())
                .anyMatch(line -> line.startsWith("80 -> 120 layers, 1.49 times"))
                .anyMatch(line -> line.contains("70B, 80 -> 120 layers"));
    }
}
