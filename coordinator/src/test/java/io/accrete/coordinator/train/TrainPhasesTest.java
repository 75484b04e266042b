package io.accrete.coordinator.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.accrete.protocol.train.GrowSettings.Order;
import io.accrete.protocol.train.GrowSettings.Plateau;
import io.accrete.protocol.train.Inheritance;
import io.accrete.protocol.train.ParameterSettings;
import io.accrete.protocol.train.PhaseSteps;
import io.accrete.protocol.train.PlannedPhase;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.List;
import java.util.Optional;

/** What a growth and an untying make of a training. */
class TrainPhasesTest {
    private static final String O = "self_attn.o_proj.weight";

    private static TrainOutcome outcome(String lines) {
        return TrainPlanner.plan(
                new TrainRequest(
                        JobReader.read("job.yml", TrainJobs.LEAST + lines),
                        TrainModels.small(3, false),
                        Optional.empty(),
                        List.of(new DeviceModel(1_000_000_000L, 40e9))));
    }

    private static List<PlannedPhase> phases(String lines) {
        TrainOutcome outcome = outcome(lines);
        assertThat(outcome.problems()).isEmpty();
        return outcome.phases();
    }

    @Test
    void aRoundInsertsAZeroBranchedCopyRightAfterItsSite() {
        List<PlannedPhase> phases =
                phases("steps: 9\ngrow: {rounds: [{after_site: 1, steps: 4}, {after_site: 3}]}\n");
        assertThat(phases.get(0).plan().layers()).containsExactly(0, 1, 1, 2);
        assertThat(phases.get(0).plan().branchFactors()).containsExactly(1.0, 1.0, 0.0, 1.0);
        assertThat(phases.get(0).steps()).isEqualTo(new PhaseSteps(4, 4, true));
        assertThat(phases.get(0).inheritance()).isEmpty();
        assertThat(phases.get(1).plan().layers()).containsExactly(0, 1, 1, 2, 2);
        assertThat(phases.get(1).plan().branchFactors()).containsExactly(1.0, 1.0, 0.0, 1.0, 0.0);
        assertThat(phases.get(1).steps()).isEqualTo(new PhaseSteps(9, 9, true));
        Inheritance inheritance = phases.get(1).inheritance().orElseThrow();
        assertThat(inheritance.origins()).containsExactly(0, 1, 2, 3, 3);
        assertThat(inheritance.origin("model.layers.4." + O)).contains("model.layers.3." + O);
        assertThat(inheritance.startsAtZero("model.layers.4." + O)).isTrue();
        assertThat(inheritance.keepsMoments("model.layers.4." + O)).isFalse();
        assertThat(inheritance.keepsMoments("model.layers.3." + O)).isTrue();
        assertThat(inheritance.origin("model.norm.weight")).contains("model.norm.weight");
    }

    @Test
    void stepsBeforeAnythingIsInsertedAreAPhaseOfTheModelAsItIs() {
        List<PlannedPhase> phases =
                phases("grow: {steps_before: 5, rounds: [{after_site: [0, 2], steps: 4}]}\n");
        assertThat(phases.get(0).plan().layers()).containsExactly(0, 1, 2);
        assertThat(phases.get(0).steps()).isEqualTo(new PhaseSteps(5, 5, true));
        assertThat(phases.get(0).plan().parameters())
                .isEqualTo(phases("").getFirst().plan().parameters());
        assertThat(phases.get(1).plan().layers()).containsExactly(0, 0, 1, 2, 2);
        assertThat(phases.get(1).plan().branchFactors()).containsExactly(1.0, 0.0, 1.0, 1.0, 0.0);
        Inheritance inheritance = phases.get(1).inheritance().orElseThrow();
        assertThat(inheritance.inserted()).containsExactly(1, 4);
        assertThat(inheritance.origins()).containsExactly(0, 0, 1, 2, 2);
        assertThat(inheritance.keepsMoments("model.layers.3." + O)).isTrue();
    }

    @Test
    void clonesCannotLearnBeforeThereAreAny() {
        String lines = "trainable: clones\ngrow: {steps_before: 9, rounds: [{after_site: 0}]}\n";
        assertThat(outcome(lines).problems())
                .anySatisfy(
                        problem -> {
                            assertThat(problem.code()).isEqualTo("TRN-102");
                            assertThat(problem.line()).isEqualTo(3);
                            assertThat(problem.fix()).contains("leave out `grow.steps_before`");
                        });
        assertThat(outcome("sites: [0, 1, 1, 2]\n" + lines).problems()).isEmpty();
    }

    @Test
    void whatIsSaidOfClonesDoesNotConcernAModelThatHasNone() {
        List<PlannedPhase> phases =
                phases(
                        """
                        clones: {learning_rate: 1/k, gates: {kind: scalar, sites: all-copies}}
                        grow: {steps_before: 5, rounds: [{after_site: 1}]}
                        """);
        assertThat(phases.get(0).plan().added().gates()).isEmpty();
        assertThat(phases.get(1).plan().added().gates()).containsOnlyKeys(1, 2);
        assertThat(phases.get(0).plan().parameters())
                .allMatch(parameter -> parameter.rateMultiplier() == 1);
    }

    @Test
    void oneScheduleCanGoOverTheWholeGrowth() {
        List<PlannedPhase> phases =
                phases(
                        "grow: {steps_before: 5, schedule_over: growth, rounds:"
                                + " [{after_site: 0, steps: 4}, {after_site: 1, steps: 3}]}\n");
        assertThat(phases)
                .extracting(PlannedPhase::steps)
                .containsExactly(
                        new PhaseSteps(5, 12, false),
                        new PhaseSteps(4, 12, false),
                        new PhaseSteps(3, 12, false));
        assertThat(phases.get(2).steps().rateStep(10, 9)).isEqualTo(10);
    }

    @Test
    void thePlanCountsTheOperationsOfAllRounds() {
        double base = operations("steps: 10\n");
        double grown = operations("sites: [0, 1, 1, 2]\nsteps: 7\n");
        String growth = "grow: {steps_before: 10, rounds: [{after_site: 1, steps: 7}]}\n";
        assertThat(base).isPositive();
        assertThat(operations(growth)).isCloseTo(base + grown, within(1.0));
    }

    private static double operations(String lines) {
        return outcome(lines).report().orElseThrow().operations();
    }

    @Test
    void sitesWhoseStatesAreMatchedStayTheFirstOfTheirLayers() {
        List<PlannedPhase> phases =
                phases(
                        """
                        distill: {teacher: t, hidden: [0, 2]}
                        grow: {steps_before: 1, rounds: [{after_site: 0}, {after_site: [1, 3]}]}
                        """);
        assertThat(phases.stream().map(p -> p.plan().job().distill().orElseThrow().hidden()))
                .containsExactly(List.of(0, 2), List.of(0, 3), List.of(0, 4));
    }

    @Test
    void clonesOfARoundAreThoseThatItInserts() {
        List<PlannedPhase> phases =
                phases("trainable: clones\ngrow: {rounds: [{after_site: 0}, {after_site: 3}]}\n");
        assertThat(trained(phases.get(0))).allMatch(name -> name.startsWith("model.layers.1."));
        assertThat(trained(phases.get(1))).allMatch(name -> name.startsWith("model.layers.4."));
    }

    private static List<String> trained(PlannedPhase phase) {
        return phase.plan().parameters().stream()
                .filter(ParameterSettings::trained)
                .map(ParameterSettings::name)
                .toList();
    }

    @Test
    void untiedSitesGoOnFromTheirCommonParameterAndItsMoments() {
        List<PlannedPhase> phases =
                phases("sites: [0, 1, 2, 1]\nsteps: 9\nclones: {tie: true, untie_at: 4}\n");
        assertThat(phases.get(0).steps()).isEqualTo(new PhaseSteps(4, 9, false));
        assertThat(phases.get(1).steps()).isEqualTo(new PhaseSteps(5, 9, false));
        assertThat(phases.get(1).steps().rateStep(5, 4)).isEqualTo(5);
        Inheritance inheritance = phases.get(1).inheritance().orElseThrow();
        assertThat(inheritance.origin("model.layers.3." + O)).contains("model.layers.1." + O);
        assertThat(inheritance.keepsMoments("model.layers.3." + O)).isTrue();
        assertThat(inheritance.startsAtZero("model.layers.3." + O)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "MIDDLE_OUT, 5, '2, 1, 3, 0, 4'",
        "MIDDLE_OUT, 4, '1, 2, 0, 3'",
        "TOP_DOWN, 3, '2, 1, 0'",
    })
    void sitesAreCopiedInTheirOrder(Order order, int sites, String expected) {
        assertThat(Growth.order(order, sites).toString()).isEqualTo("[" + expected + "]");
    }

    @Test
    void anOrderedGrowthCopiesEverySiteOnceBeforeAnyTwice() {
        List<PlannedPhase> phases =
                phases("grow: {rounds: {order: middle-out, add: 2, until: 8}}\n");
        assertThat(phases.stream().map(phase -> phase.plan().layers()))
                .containsExactly(
                        List.of(0, 0, 1, 1, 2),
                        List.of(0, 0, 1, 1, 2, 2),
                        List.of(0, 0, 1, 1, 1, 1, 2, 2));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "grow: {rounds: [{after_site: 3}]} | TRN-101 | copies site 3",
                "grow: {rounds: {order: top-down, until: 3}} | TRN-101 | has 3 layers already",
                "grow: {rounds: [{after_site: 0}]}%lora: {rank: 2} | TRN-014 | would be frozen",
                "grow: {rounds: [{after_site: [1, 3]}]} | TRN-101 | round 1 copies site 3",
                "grow: {rounds: [{after_site: [1, 1]}]} | TRN-010 | each of them once",
                "grow: {rounds: [{after_site: []}]} | TRN-010 | each of them once",
                "grow: {rounds: [{steps: 9}]} | TRN-010 | rounds[].after_site' is missing",
                "grow: {steps_before: -1, rounds: [{after_site: 0}]} | TRN-011 | steps_before",
                "grow: {schedule_over: all, rounds: [{after_site: 0}]} | TRN-012 | round, growth",
                "grow: {rounds: [{after_site: 0}]}%distill: {teacher: t, hidden: [3]} | TRN-101 |"
                        + " has site 3, and the model has sites 0..2",
                "grow: {rounds: [{after_site: 0}]}%sites: [0, 1, 1]%distill: {teacher: t, hidden:"
                        + " [2]} | TRN-124 | site 2 is a clone of site 1",
                "grow: {rounds: [{after_site: 0}, {after_site: 2}]}%trainable: clones%distill:"
                        + " {teacher: t, hidden: [1]} | TRN-124 | nothing learns at site 1 or below"
                        + " it in the round that has 5 layers",
            })
    void roundsThatCannotBeAreRefused(String lines, String code, String sentence) {
        assertThat(outcome(lines.replace('%', '\n')).problems())
                .singleElement()
                .satisfies(
                        problem -> {
                            assertThat(problem.code()).isEqualTo(code);
                            assertThat(problem.message()).contains(sentence);
                        });
    }

    @Test
    void aPlateauIsThatTheLastValidationsBroughtNothing() {
        Plateau rule = new Plateau(2, 10, 0.01);
        assertThat(PlateauRule.isFlat(rule, List.of(3.0, 2.0, 1.99, 1.985), 10)).isTrue();
        assertThat(PlateauRule.isFlat(rule, List.of(3.0, 2.0, 1.99, 1.97), 10)).isFalse();
        assertThat(PlateauRule.isFlat(rule, List.of(3.0, 2.0, 1.99, 1.985), 9)).isFalse();
        assertThat(PlateauRule.isFlat(rule, List.of(2.0, 2.0), 10)).isFalse();
    }
}
