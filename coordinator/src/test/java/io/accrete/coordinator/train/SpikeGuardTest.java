package io.accrete.coordinator.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.coordinator.train.SpikeGuard.Guarded;
import io.accrete.coordinator.train.SpikeGuard.Looked;
import io.accrete.protocol.train.GuardState;
import io.accrete.protocol.train.PhaseState;
import io.accrete.protocol.train.Rewind;
import io.accrete.protocol.train.SpikeAction;
import io.accrete.protocol.train.SpikeSettings;
import io.accrete.protocol.train.StepVerdict;
import io.accrete.protocol.train.TrainState;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

class SpikeGuardTest {
    private static final SpikeAction SKIP = new SpikeAction.Skip();
    private static final SpikeAction PAUSE = new SpikeAction.Pause();
    private static final SortedMap<Integer, Double> SITES =
            new TreeMap<>(Map.of(GuardState.OUTSIDE, 0.5, 0, 1.0, 1, 2.0));

    private final SpikeGuard guard = guard(SKIP);

    private static SpikeGuard guard(SpikeAction... then) {
        return new SpikeGuard(Optional.of(new SpikeSettings(6, List.of(then))));
    }

    private static StepDecision decision(double loss, double norm) {
        return new StepDecision(loss, norm, new StepVerdict.Apply(1e-3, 1));
    }

    private static Looked step(int number) {
        return new Looked(number, 90, 8L * number, SITES);
    }

    private String skip(GuardState state, double loss, double norm) {
        Guarded guarded = guard.guard(state, decision(loss, norm), step(101));
        assertThat(guarded.state().losses()).isEqualTo(state.losses());
        assertThat(guarded.state().norms()).isEqualTo(state.norms());
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
            Guarded guarded = guard.guard(state, decision, step(step));
            assertThat(guarded.decision()).isEqualTo(decision);
            state = guarded.state();
        }
        return state;
    }

    @Test
    void aHealthyTrainingIsLeftAlone() {
        assertThat(healthy(300).losses()).hasSize(GuardState.WINDOW);
    }

    /**
     * With other layers, or a rate that begins anew, the loss jumps: the window begins anew too.
     */
    @Test
    void aJumpOfTheLossInANewPhaseIsNoSpike() {
        TrainState before = TrainState.START.guarded(healthy(100));
        GuardState after = before.inNextPhase().guard();
        assertThat(guard.guard(after, decision(9, 9), step(101)).decision().verdict())
                .isInstanceOf(StepVerdict.Apply.class);
        assertThat(after.losses()).isEmpty();
        assertThat(after.norms()).isEmpty();
        assertThat(after.usual()).isEmpty();
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
        assertThat(guard.guard(state, decision(0.1, 0.1), step(101)).decision().verdict())
                .isInstanceOf(StepVerdict.Apply.class);
    }

    @Test
    void nothingStandsOutFromAFewSteps() {
        GuardState state = healthy(SpikeGuard.ARMED_AT - 1);
        assertThat(guard.guard(state, decision(1e6, 1e6), step(64)).decision().verdict())
                .isInstanceOf(StepVerdict.Apply.class);
    }

    @Test
    void withoutSettingsNothingIsSkippedOrRemembered() {
        Guarded guarded =
                new SpikeGuard(Optional.empty()).guard(healthy(100), decision(1e6, 1e6), step(101));
        assertThat(guarded.decision().verdict()).isInstanceOf(StepVerdict.Apply.class);
    }

    /** Actions against spikes at these steps, in one word each. */
    private static List<String> answers(SpikeGuard guard, GuardState healthy, int... steps) {
        List<String> answers = new ArrayList<>();
        GuardState state = healthy;
        for (int number : steps) {
            Guarded guarded = guard.guard(state, decision(1e6, 1), step(number));
            assertThat(guarded.decision().verdict()).isInstanceOf(StepVerdict.Skip.class);
            if (guarded.rewind().isPresent()) {
                Rewind back = guarded.rewind().get();
                answers.add("back to " + back.to());
                state = new GuardStateAfter(state, back).state();
            } else {
                state = guarded.state();
                answers.add(state.pause().isPresent() ? "pause" : "skip");
                state = state.resumed();
            }
        }
        return answers;
    }

    /** As the training has it once it has gone back. */
    private record GuardStateAfter(GuardState before, Rewind back) {
        GuardState state() {
            TrainState at =
                    new TrainState(
                            back.to(),
                            0,
                            0,
                            1,
                            0,
                            Optional.empty(),
                            Optional.empty(),
                            PhaseState.FIRST,
                            before,
                            false,
                            Optional.empty());
            return at.rewound(back, 0).guard();
        }
    }

    @Test
    void troubleThatLastsIsMetMoreSharply() {
        SpikeAction back = new SpikeAction.RollBack(7, 0.5, true);
        GuardState healthy = healthy(100);
        assertThat(answers(guard(SKIP, SKIP, back, PAUSE), healthy, 101, 102, 110, 108, 112))
                .containsExactly("skip", "skip", "back to 103", "pause", "pause");
        assertThat(answers(guard(SKIP, back), healthy, 101, 122, 143, 150))
                .as("each more than 20 steps after the one before")
                .containsExactly("skip", "skip", "skip", "back to 143");
        assertThat(answers(guard(SKIP), healthy, 101, 102, 103)).containsOnly("skip");
        assertThat(answers(guard(back), healthy, 101, 101)).containsExactly("back to 94", "pause");
    }

    @Test
    void aStepBackSaysWhatIsOtherFromThere() {
        GuardState state = healthy(100);
        SpikeGuard twice =
                guard(
                        new SpikeAction.RollBack(30, 0.5, true),
                        new SpikeAction.RollBack(5, 0.1, false));
        Rewind first = twice.guard(state, decision(9, 1), step(101)).rewind().orElseThrow();
        assertThat(first.to()).as("no further than allowed").isEqualTo(90);
        assertThat(first.rows()).contains(808L);
        assertThat(first.rateFactor()).isEqualTo(0.5);
        assertThat(first.reason())
                .startsWith("step 101 leads back to step 90, and on from there at 0.5 times the")
                .contains("with other rows: the loss is 9.000");
        GuardState after = new GuardStateAfter(state, first).state();
        Rewind second = twice.guard(after, decision(9, 1), step(105)).rewind().orElseThrow();
        assertThat(second.to()).isEqualTo(100);
        assertThat(second.rows()).isEmpty();
        assertThat(second.rateFactor()).isEqualTo(0.05);
    }

    @Test
    void whatIsNotFiniteIsTroubleFromTheFirstStep() {
        StepDecision skipped = decision(Double.NaN, 1).skipped("the loss is not finite: NaN");
        Guarded guarded = guard(PAUSE).guard(GuardState.NEW, skipped, step(3));
        assertThat(guarded.state().pause())
                .contains("step 3 was skipped: the loss is not finite: NaN");
    }

    @Test
    void sitesWhoseGradientStandsOutAreNamed() {
        SortedMap<Integer, Double> sites =
                new TreeMap<>(Map.of(GuardState.OUTSIDE, 0.6, 0, 9.0, 1, 400.0));
        Guarded guarded = guard.guard(healthy(100), decision(9, 1), new Looked(101, 0, 0, sites));
        assertThat(guarded.decision().verdict())
                .isInstanceOfSatisfying(
                        StepVerdict.Skip.class,
                        skip ->
                                assertThat(skip.reason())
                                        .endsWith(
                                                "; layer 1 has 200 times its usual gradient, layer"
                                                        + " 0 has 9.00 times its usual gradient"));
    }
}
