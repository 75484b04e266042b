package io.accrete.coordinator.train;

import static org.assertj.core.api.Assertions.assertThat;

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
                "grow: {rounds: [{after_site: 0}]}%distill: {teacher: t, hidden: [1]} | TRN-014 |"
                        + " cannot be listed",
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
