package io.accrete.coordinator.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.coordinator.train.SpikeGuard.Finding;
import io.accrete.coordinator.train.SpikeGuard.State;
import io.accrete.coordinator.train.SpikeGuard.Trouble;
import io.accrete.protocol.train.SpikeSettings;
import io.accrete.protocol.train.SpikeSettings.Action;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

class SpikeGuardTest {
    private static final Action ROLLBACK = new Action.Rollback(20, 0.5, true);
    private final SpikeGuard guard =
            new SpikeGuard(
                    new SpikeSettings(6, List.of(new Action.Skip(), ROLLBACK, new Action.Pause())));

    /** Losses that fall with noise, as those of a healthy training. */
    private State healthy(int steps) {
        Random random = new Random(5);
        State state = State.NEW;
        for (int step = 1; step <= steps; step++) {
            double loss = 3 - step / 200.0 + 0.1 * random.nextGaussian();
            Finding finding = guard.judge(state, step, loss, 1 + 0.2 * random.nextDouble());
            assertThat(finding.trouble()).isEmpty();
            state = finding.then();
        }
        return state;
    }

    @Test
    void aHealthyTrainingIsLeftAlone() {
        State state = healthy(300);
        assertThat(state.losses()).hasSize(SpikeGuard.WINDOW);
        assertThat(state.tier()).isZero();
    }

    @Test
    void aLossFarAboveTheOthersIsASpikeAndDoesNotWidenTheWindow() {
        State state = healthy(100);
        Finding finding = guard.judge(state, 101, 9, 1.1);
        assertThat(finding.trouble().orElseThrow().action()).isEqualTo(new Action.Skip());
        assertThat(finding.trouble().orElseThrow().what())
                .startsWith("the loss is 9.000, and 2.7")
                .contains("last 100 steps", "more than 6.0");
        assertThat(finding.then().losses()).isEqualTo(state.losses());
        assertThat(guard.judge(state, 101, 0.1, 1.1).trouble()).isEmpty();
    }

    @Test
    void soIsAGradientFarAboveTheOthers() {
        assertThat(guard.judge(healthy(100), 101, 2.5, 50).trouble().orElseThrow().what())
                .startsWith("the norm of the gradient is 50.00");
    }

    @Test
    void nothingStandsOutFromAFewSteps() {
        assertThat(guard.judge(healthy(SpikeGuard.ARMED_AT - 1), 64, 1e6, 1e6).trouble()).isEmpty();
    }

    @Test
    void threeSpikesInTwentyStepsCallForTheNextAction() {
        State state = healthy(100);
        List<Action> done = new ArrayList<>();
        for (int step : new int[] {101, 110, 119, 125, 130, 131, 200, 205, 206}) {
            Finding finding = guard.judge(state, step, 9, 1.1);
            done.add(finding.trouble().map(Trouble::action).orElseThrow());
            state = finding.then();
        }
        Action skip = new Action.Skip();
        Action pause = new Action.Pause();
        assertThat(done)
                .containsExactly(
                        skip, skip, ROLLBACK, ROLLBACK, ROLLBACK, pause, pause, pause, pause);
    }

    @Test
    void spikesFarApartAreOnlySkipped() {
        State state = healthy(100);
        for (int step = 101; step < 400; step += 20) {
            Finding finding = guard.judge(state, step, 9, 1.1);
            assertThat(finding.trouble().map(Trouble::action)).contains(new Action.Skip());
            state = finding.then();
        }
    }
}
