package io.accrete.coordinator.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.accrete.protocol.train.PipelineSettings.Schedule;
import io.accrete.protocol.train.StageAction;
import io.accrete.protocol.train.StageAction.Pass;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;

class PipelineScheduleTest {
    private static final int CASES = 400;
    private static final List<Schedule> KINDS = List.of(Schedule.values());

    /** Seeded schedules of all kinds; small ones first. */
    private static void all(Consumer<PipelineSchedule> check) {
        Random random = new Random(20261125);
        for (int i = 0; i < CASES; i++) {
            int bound = 2 + i / 20;
            Schedule kind = KINDS.get(random.nextInt(KINDS.size()));
            int slices = kind == Schedule.INTERLEAVED ? 1 + random.nextInt(4) : 1;
            check.accept(
                    new PipelineSchedule(
                            kind,
                            1 + random.nextInt(bound),
                            1 + random.nextInt(3 * bound),
                            slices));
        }
    }

    private static List<StageSeconds> even(PipelineSchedule schedule, double f, double b) {
        return IntStream.range(0, schedule.stages())
                .mapToObj(stage -> StageSeconds.even(schedule.slices(), f, b))
                .toList();
    }

    private static PipelineTimeline run(PipelineSchedule schedule, double f, double b) {
        return PipelineSimulation.run(schedule, even(schedule, f, b), 0, 64).orElseThrow();
    }

    @Test
    void everyMicroBatchGoesForwardAndBackwardOnceThroughEverySlice() {
        all(
                schedule -> {
                    for (int stage = 0; stage < schedule.stages(); stage++) {
                        List<StageAction> actions = schedule.of(stage);
                        assertThat(actions)
                                .hasSize(2 * schedule.microBatches() * schedule.slices())
                                .doesNotHaveDuplicates();
                        Set<StageAction> seen = new HashSet<>();
                        for (StageAction action : actions) {
                            seen.add(action);
                            if (action.pass() == Pass.BACKWARD) {
                                assertThat(seen)
                                        .contains(
                                                new StageAction(
                                                        Pass.FORWARD,
                                                        action.microBatch(),
                                                        action.slice()));
                            }
                        }
                    }
                });
    }

    @Test
    void gradientsAreAddedInTheOrderOfMicroBatchesWhateverTheSchedule() {
        all(
                schedule -> {
                    for (int stage = 0; stage < schedule.stages(); stage++) {
                        List<StageAction> actions = schedule.of(stage);
                        for (int slice = 0; slice < schedule.slices(); slice++) {
                            int wanted = slice;
                            assertThat(
                                            actions.stream()
                                                    .filter(a -> a.pass() == Pass.BACKWARD)
                                                    .filter(a -> a.slice() == wanted)
                                                    .map(StageAction::microBatch)
                                                    .toList())
                                    .isEqualTo(
                                            IntStream.range(0, schedule.microBatches())
                                                    .boxed()
                                                    .toList());
                        }
                    }
                });
    }

    @Test
    void noScheduleComesToAHaltWithTheShallowestEdges() {
        Random random = new Random(7);
        all(
                schedule -> {
                    List<StageSeconds> seconds = new ArrayList<>();
                    for (int stage = 0; stage < schedule.stages(); stage++) {
                        seconds.add(
                                StageSeconds.even(
                                        schedule.slices(),
                                        0.1 + random.nextDouble(),
                                        0.1 + random.nextDouble()));
                    }
                    assertThat(
                                    PipelineSimulation.run(
                                            schedule, seconds, 0.01, schedule.edgeDepth()))
                            .as(schedule.toString())
                            .isPresent();
                });
    }

    @Test
    void noMoreIsInFlightThanTheBound() {
        all(
                schedule -> {
                    PipelineTimeline timeline = run(schedule, 1, 2);
                    for (int stage = 0; stage < schedule.stages(); stage++) {
                        assertThat(timeline.inFlight().get(stage))
                                .as("stage %d of %s", stage, schedule)
                                .isEqualTo(schedule.inFlight(stage));
                    }
                });
    }

    @Test
    void boundsAreThoseOfThePapers() {
        PipelineSchedule gpipe = new PipelineSchedule(Schedule.GPIPE, 4, 16, 1);
        PipelineSchedule oneByOne = new PipelineSchedule(Schedule.ONE_F_ONE_B, 4, 16, 1);
        PipelineSchedule interleaved = new PipelineSchedule(Schedule.INTERLEAVED, 4, 16, 2);
        assertThat(gpipe.inFlight(3)).isEqualTo(16);
        assertThat(oneByOne.inFlight(0)).isEqualTo(4);
        assertThat(oneByOne.inFlight(3)).isEqualTo(1);
        // of half a stage each: 4 (1 + 3 / (4 x 2)) whole ones
        assertThat(interleaved.inFlight(0)).isEqualTo(11);
        assertThat(interleaved.edgeDepth()).isEqualTo(1);
    }

    @Test
    void bubblesAreThoseOfThePapers() {
        for (int stages : new int[] {1, 2, 4, 8}) {
            for (int microBatches : new int[] {8, 16, 32}) {
                double p = stages;
                double flush = (p - 1) / (microBatches + p - 1);
                for (Schedule kind : List.of(Schedule.GPIPE, Schedule.ONE_F_ONE_B)) {
                    PipelineSchedule schedule = new PipelineSchedule(kind, stages, microBatches, 1);
                    assertThat(run(schedule, 1, 2).bubble())
                            .as(schedule.toString())
                            .isEqualTo(flush, within(1e-12));
                }
                for (int slices : new int[] {2, 4}) {
                    PipelineSchedule schedule =
                            new PipelineSchedule(
                                    Schedule.INTERLEAVED, stages, microBatches, slices);
                    double ratio = (p - 1) / (slices * microBatches);
                    assertThat(run(schedule, 1, 2).bubble())
                            .as(schedule.toString())
                            .isEqualTo(ratio / (1 + ratio), within(1e-12));
                }
            }
        }
    }

    @Test
    void aSlowStageHoldsUpAllOthers() {
        PipelineSchedule schedule = new PipelineSchedule(Schedule.ONE_F_ONE_B, 4, 16, 1);
        List<StageSeconds> last = new ArrayList<>(even(schedule, 1, 2));
        last.set(3, StageSeconds.even(1, 1.5, 3));
        List<StageSeconds> first = new ArrayList<>(even(schedule, 1, 2));
        first.set(0, StageSeconds.even(1, 1.5, 3));
        assertThat(bubble(schedule, last)).isEqualTo(0.333, within(5e-4));
        assertThat(bubble(schedule, first)).isEqualTo(0.294, within(5e-4));
    }

    private static double bubble(PipelineSchedule schedule, List<StageSeconds> seconds) {
        return PipelineSimulation.run(schedule, seconds, 0, 64).orElseThrow().bubble();
    }

    @Test
    void splitBackwardPassesWouldShortenTheBubble() {
        PipelineSchedule schedule = new PipelineSchedule(Schedule.ONE_F_ONE_B, 8, 32, 1);
        assertThat(run(schedule, 1, 2).seconds()).isEqualTo(32 * 3 + 7 * 3);
        // the bubble of ZB-H1: a third of it where the three parts take equally long
        assertThat(ZeroBubble.stepSeconds(even(schedule, 1, 2), 32)).isEqualTo(32 * 3 + 7);
    }

    @Test
    void oneStageHasNoBubble() {
        assertThat(ZeroBubble.stepSeconds(List.of(StageSeconds.even(1, 1, 2)), 5)).isEqualTo(15);
        assertThat(run(new PipelineSchedule(Schedule.INTERLEAVED, 1, 5, 3), 1, 2).bubble())
                .isZero();
    }

    @Test
    void slicesBelongToInterleaving() {
        assertThatThrownBy(() -> new PipelineSchedule(Schedule.GPIPE, 2, 2, 2))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
