package io.accrete.coordinator.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;

import io.accrete.protocol.train.OptimizerSettings;
import io.accrete.protocol.train.StepVerdict;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;

class StepDecisionTest {
    private static final OptimizerSettings OPTIMIZER = TrainJobs.of("").optimizer();

    private static StepDecision decide(double lossSum, double first, double second) {
        return StepDecision.of(
                3e-5,
                OPTIMIZER,
                lossSum,
                4,
                new TreeMap<>(java.util.Map.of("a", first, "b", second)));
    }

    @Test
    void smallGradientsAreNotScaled() {
        StepDecision decision = decide(8, 0.09, 0.16);
        assertThat(decision.loss()).isEqualTo(2);
        assertThat(decision.gradNorm()).isEqualTo(0.5);
        assertThat(decision.verdict()).isEqualTo(new StepVerdict.Apply(3e-5, 1));
    }

    @Test
    void largeGradientsAreScaledToTheNorm() {
        assertThat(decide(8, 9, 16).verdict())
                .isEqualTo(new StepVerdict.Apply(3e-5, 1 / (5 + 1e-6)));
    }

    @Test
    void withoutClippingNothingIsScaled() {
        assertThat(StepDecision.clipFactor(1e9, OptionalDouble.empty())).isEqualTo(1);
    }

    @Test
    void nothingToLearnIsNoFault() {
        assertThat(decide(0, 0, 0).verdict()).isEqualTo(new StepVerdict.Apply(3e-5, 1));
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY})
    void whatIsNotFiniteNeverReachesTheWeights(double bad) {
        assertThat(decide(1, 1, bad).verdict())
                .isEqualTo(new StepVerdict.Skip("the gradients of 1 parameters are not finite: b"));
        assertThat(decide(bad, 1, 1).verdict())
                .isEqualTo(new StepVerdict.Skip("the loss is not finite: " + bad));
        assertThat(decide(1, Double.MAX_VALUE, Double.MAX_VALUE).verdict())
                .isInstanceOf(StepVerdict.Skip.class);
    }

    @Test
    void everyTrajectoryOfTheGoldensFollows() throws IOException {
        for (String name : TrainGoldens.cases("trajectory.json")) {
            JsonNode golden = TrainGoldens.json(name + "/case.json");
            JsonNode clip = golden.path("clip_norm");
            OptionalDouble clipNorm =
                    clip.isNull() ? OptionalDouble.empty() : OptionalDouble.of(clip.asDouble());
            JsonNode trajectory = TrainGoldens.json(name + "/trajectory.json");
            for (JsonNode step : trajectory.path("steps")) {
                assertThat(StepDecision.clipFactor(step.path("grad_norm").asDouble(), clipNorm))
                        .as(name)
                        .isEqualTo(step.path("clip_factor").asDouble(), within(1e-14));
            }
            SortedMap<String, Double> squares = new TreeMap<>();
            trajectory
                    .path("step1_grad_sum_of_squares")
                    .properties()
                    .forEach(entry -> squares.put(entry.getKey(), entry.getValue().asDouble()));
            double norm = trajectory.path("steps").path(0).path("grad_norm").asDouble();
            assertThat(StepDecision.of(1, OPTIMIZER, 1, 1, squares).gradNorm())
                    .as(name)
                    .isEqualTo(norm, within(1e-12 * norm));
        }
    }
}
