package io.accrete.coordinator.finetune;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.coordinator.pool.TaskNotice;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;

class GroupingTest {
    private static final Duration GATHER = Duration.ofSeconds(2);
    private static final long SECOND = 1_000_000_000L;

    // Near the end of the range: nothing may compare instants as numbers.
    private long now = Long.MAX_VALUE - SECOND;
    private final Grouping grouping = new Grouping(3, GATHER, false);

    private int look(int processes, Duration settled, int missing) {
        return grouping.look(hands(processes, settled, settled, 0, 0), missing, now).orElse(0);
    }

    private static TaskNotice.Hands hands(
            int processes, Duration settled, Duration age, int held, int groups) {
        return new TaskNotice.Hands(
                processes, settled, processes > 0, age, new TaskNotice.Kept(held, groups));
    }

    /** Of a training that another coordinator has begun. */
    private int recovered(TaskNotice.Hands hands) {
        return new Grouping(3, GATHER, true).look(hands, 1, now).orElse(0);
    }

    @Test
    void stagesStayAtOnceWithThoseWhoHoldThemAll() {
        assertThat(recovered(hands(3, Duration.ZERO, Duration.ZERO, 2, 2))).isEqualTo(2);
        assertThat(look(3, GATHER, 1)).isEqualTo(3);
    }

    @Test
    void whoMayHoldStagesHasTimeToComeToAnotherCoordinator() {
        Duration moment = Duration.ofMillis(1);
        Duration patience = GATHER.multipliedBy(5);
        assertThat(recovered(hands(3, GATHER, GATHER.minus(moment), 0, 0))).isZero();
        assertThat(recovered(hands(3, GATHER, GATHER, 0, 0))).isEqualTo(3);
        assertThat(recovered(hands(3, GATHER, patience.minus(moment), 1, 2))).isZero();
        assertThat(recovered(hands(3, GATHER, patience, 1, 2))).isEqualTo(3);
        assertThat(recovered(hands(0, patience, patience.minus(moment), 0, 0))).isZero();
        assertThat(recovered(hands(0, patience, patience, 0, 0))).isEqualTo(1);
    }

    @Test
    void asManyAsThereAreStagesAreNotWaitedForLonger() {
        assertThat(look(2, Duration.ZERO, 1)).isZero();
        assertThat(look(5, Duration.ZERO, 1)).isEqualTo(3);
    }

    @Test
    void fewerAreTakenWhenNobodyComesOrGoes() {
        assertThat(look(2, Duration.ofMillis(1999), 1)).isZero();
        assertThat(look(2, GATHER, 1)).isEqualTo(2);
    }

    @Test
    void whereNobodyIsThereThereIsOneGroupForWhoeverComes() {
        assertThat(look(0, GATHER, 1)).isEqualTo(1);
    }

    @Test
    void whileNobodyIsMissingNothingChanges() {
        look(2, GATHER, 1);
        now += 100 * SECOND;
        assertThat(look(3, GATHER, 0)).isZero();
        assertThat(look(1, GATHER, 0)).isZero();
    }

    @Test
    void aSpareTakesThePlaceOfWhoIsLost() {
        look(3, GATHER, 1);
        now += 100 * SECOND;
        assertThat(look(3, Duration.ZERO, 1)).isZero();
    }

    @Test
    void withoutASpareTheOthersTakeTheStagesAfterAWhile() {
        look(3, GATHER, 1);
        assertThat(look(2, GATHER, 1)).isZero();
        now += SECOND;
        assertThat(look(3, GATHER, 1)).isZero();
        assertThat(look(2, GATHER, 1)).isZero();
        now += SECOND;
        assertThat(look(2, GATHER, 1)).isZero();
        now += SECOND;
        assertThat(look(2, GATHER, 1)).isEqualTo(2);
    }

    @Test
    void whoHasComeMeanwhileGetsStagesWhenTheyAreDividedAnyway() {
        look(1, GATHER, 1);
        assertThat(look(2, Duration.ZERO, 1)).isEqualTo(2);
    }

    @Test
    void neighboursStayTogetherInGroupsOfAboutTheSameSize() {
        assertThat(Grouping.groupOf(3, 3)).isEqualTo(List.of(0, 1, 2));
        assertThat(Grouping.groupOf(3, 1)).isEqualTo(List.of(0, 0, 0));
        for (int stages = 1; stages <= 12; stages++) {
            for (int groups = 1; groups <= 12; groups++) {
                List<Integer> of = Grouping.groupOf(stages, groups);
                assertThat(of).isSorted().hasSize(stages);
                int used = Math.min(stages, groups);
                assertThat(new HashSet<>(of)).hasSize(used);
                for (int group = 0; group < used; group++) {
                    int here = group;
                    assertThat(of.stream().filter(g -> g == here).count())
                            .isBetween((long) stages / used, (long) (stages + used - 1) / used);
                }
            }
        }
    }

    @Test
    void aGroupIsNamedByItsStages() {
        assertThat(Grouping.name(3, 2, 0)).isEqualTo("stages 0..1");
        assertThat(Grouping.name(3, 2, 1)).isEqualTo("stage 2");
    }
}
