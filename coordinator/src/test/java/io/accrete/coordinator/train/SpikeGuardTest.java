package io.accrete.coordinator.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.coordinator.train.SpikeGuard.Guarded;
import io.accrete.protocol.train.GuardState;
import io.accrete.protocol.train.SpikeSettings;
import io.accrete.protocol.train.StepVerdict;

import org.junit.jupiter.api.Test;

import java.util.Optional;
import java.util.Random;

class SpikeGuardTest {
    private final SpikeGuard guard = new SpikeGuard(Optional.of(new SpikeSettings(6)));

    private static StepDecision decision(double loss, double norm) {
        return new StepDecision(loss, norm, new StepVerdict.Apply(1e-3, 1));
    }

    private String skip(GuardState state, double loss, double norm) {
        Guarded guarded = guard.guard(state, decision(loss, norm));
        assertThat(guarded.state()).isEqualTo(state);
        return guarded.decision().verdict() instanceof StepVerdict.Skip(String why) ? why : "";
    }

    /** Losses that fall with noise, as those of a healthy training. */
    private GuardState healthy(int steps) {
        Random random = new Random(5);
        GuardState state = GuardState.NEW;
        for (int step = 1; step <= steps; step++) {
            StepDecision decision =
                    decision(
                            3 - step / 200.0 + 0.1 * random.nextGaussian(),
                            1 + 0.2 * random.nextDouble());
            Guarded guarded = guard.guard(state, decision);
            assertThat(guarded.decision()).isEqualTo(decision);
            state = guarded.state();
        }
        return state;
    }

    @Test
    void aHealthyTrainingIsLeftAlone() {
        assertThat(healthy(300).losses()).hasSize(GuardState.WINDOW);
    }

    @Test
    void aLossFarAboveTheOthersIsSkippedAndForgotten() {
        GuardState state = healthy(100);
        assertThat(skip(state, 9, 1.1))
                .startsWith("the loss is 9.000, and 2.7")
                .contains("last 100 steps", "more than 6.0");
    }

    @Test
    void soIsAGradientFarAboveTheOthers() {
        assertThat(skip(healthy(100), 2.5, 50)).startsWith("the norm of the gradient is 50.00");
    }

    @Test
    void aLossFarBelowIsWelcome() {
        GuardState state = healthy(100);
        assertThat(guard.guard(state, decision(0.1, 0.1)).decision().verdict())
                .isInstanceOf(StepVerdict.Apply.class);
    }

    @Test
    void nothingStandsOutFromAFewSteps() {
        GuardState state = healthy(SpikeGuard.ARMED_AT - 1);
        assertThat(guard.guard(state, decision(1e6, 1e6)).decision().verdict())
                .isInstanceOf(StepVerdict.Apply.class);
    }

    @Test
    void withoutSettingsNothingIsSkippedOrRemembered() {
        Guarded guarded = new SpikeGuard(Optional.empty()).guard(healthy(100), decision(1e6, 1e6));
        assertThat(guarded.decision().verdict()).isInstanceOf(StepVerdict.Apply.class);
    }
}
