package io.accrete.coordinator.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.protocol.job.Problem;
import io.accrete.protocol.tensor.DType;
import io.accrete.protocol.train.DistillSettings;
import io.accrete.protocol.train.GateSettings;
import io.accrete.protocol.train.ParameterSettings;
import io.accrete.protocol.train.TrainPlan;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** What remedies add to a model, and which of them cannot be had. */
class RemedyPlanTest {
    private static final String GROWN = "sites: [0, 1, 0, 1, 1]\n";

    private static TrainOutcome outcome(String lines) {
        return outcome(lines, Optional.empty());
    }

    private static TrainOutcome outcome(String lines, Optional<TrainedModel> teacher) {
        return outcome(TrainModels.small(2, false), lines, teacher);
    }

    private static TrainOutcome outcome(
            TrainedModel model, String lines, Optional<TrainedModel> teacher) {
        return planned(TrainJobs.LEAST + lines, model, teacher);
    }

    private static TrainOutcome planned(
            String job, TrainedModel model, Optional<TrainedModel> teacher) {
        return TrainPlanner.plan(
                new TrainRequest(
                        JobReader.read("job.yml", job),
                        model,
                        teacher,
                        List.of(new DeviceModel(1_000_000_000L, 40e9))));
    }

    private static TrainPlan plan(String lines) {
        TrainOutcome outcome = outcome(lines);
        assertThat(outcome.problems()).isEmpty();
        return outcome.phases().getFirst().plan();
    }

    private static ParameterSettings parameter(TrainPlan plan, String name) {
        return plan.parameters().stream()
                .filter(own -> own.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest
    @CsvSource({
        "'[{after_site: 1}]', 0, 5",
        "'[{after_site: 1, steps: 3}, {after_site: 0, steps: 4}]', 0, 4",
        "'{order: top-down, until: 4}', 0, 5",
        "'{order: top-down, until: 4}', 5, 5",
        "'{order: top-down, until: 4}', 6,",
        "'[{after_site: 1, steps: 6}]', 0,"
    })
    void aPlateauThatEndsNoRoundIsSaid(String rounds, int before, Integer longest) {
        String lines =
                "steps: 5\ngrow: {rounds: %s, steps_before: %d, plateau: {minimum_steps: 6}}\nmonitor: {validate_every: 1}\n"
                        .formatted(rounds, before);
        List<Problem> problems = judged(lines);
        if (longest == null) {
            assertThat(problems).isEmpty();
        } else {
            assertThat(problems)
                    .singleElement()
                    .satisfies(
                            one ->
                                    assertThat(one.message())
                                            .contains("before 6 steps", "than " + longest));
        }
    }

    private static List<Problem> judged(String lines) {
        return TrainPlanner.plan(
                        new TrainRequest(
                                JobReader.read(
                                        "job.yml",
                                        "model: a\ndata: {train: [a], validation: [b]}\n" + lines),
                                TrainModels.small(2, false),
                                Optional.empty(),
                                List.of(new DeviceModel(1_000_000_000L, 40e9))))
                .problems();
    }

    /** A later round may begin just before a validation, the first one does not. */
    @ParameterizedTest
    @CsvSource({
        "'[{after_site: 1, steps: 4}]', 100, 4",
        "'[{after_site: 1, steps: 60}]', 3,",
        "'[{after_site: 1, steps: 59}]', 3, 59",
        "'[{after_site: 1, steps: 59}, {after_site: 1, steps: 41}]', 3,",
        "'[{after_site: 1, steps: 59}, {after_site: 1, steps: 40}]', 3, 59",
    })
    void aPlateauThatWaitsLongerThanItsRoundIsSaid(String rounds, int patience, Integer longest) {
        List<Problem> problems =
                judged(
                        "grow: {rounds: %s, plateau: {patience: %d, minimum_steps: 2}}\n"
                                .formatted(rounds, patience));
        if (longest == null) {
            assertThat(problems).isEmpty();
            return;
        }
        assertThat(problems)
                .singleElement()
                .satisfies(
                        one -> {
                            assertThat(one.code()).isEqualTo("TRN-015");
                            assertThat(one.isError()).isFalse();
                            assertThat(one.message())
                                    .contains(
                                            "%d validations".formatted(patience),
                                            "its steps, %d at most".formatted(longest),
                                            "ends with its last step");
                        });
    }

    @ParameterizedTest
    @CsvSource({
        "'sites: [1, 0]', layer 1 stands before layer 0",
        "'sites: [0, 0]', layer 1 is left out",
        "'sites: [1]', layer 0 is left out",
        "'sites: [0, 1]',",
        "'sites: [0, 1, 0]',",
        "'steps: 3',",
    })
    void roundsOfAnotherModelAreNoGrowth(String sites, String why) {
        String grow = "\ngrow: {rounds: [{after_site: 0}]}\n";
        TrainOutcome outcome = outcome(sites + grow);
        if (why == null) {
            assertThat(outcome.problems()).isEmpty();
            return;
        }
        assertThat(outcome.phases()).isEmpty();
        assertThat(outcome.problems())
                .singleElement()
                .satisfies(
                        one -> {
                            assertThat(one.isError()).isTrue();
                            assertThat(one.code()).isEqualTo("TRN-131");
                            assertThat(one.message()).contains(why);
                            assertThat(one.fix()).contains("without `grow`");
                        });
        TrainedModel model = TrainModels.small(2, false);
        ParsedJob bar =
                JobReader.read("job.yml", TrainJobs.LEAST + "baseline: only\n" + sites + grow)
                        .of(model);
        assertThat(bar.problems()).extracting(Problem::code).containsExactly("TRN-131");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            textBlock =
                    """
                    init: copy; is copy and has no effect
                    init: 1/k; is 1/k and has no effect
                    init: identity;
                    learning_rate: 1/k;
                    """)
    void roundsInsertZeroBranchesWhateverIsAsked(String clones, String why) {
        String lines = "clones: {%s}\ngrow: {rounds: [{after_site: 0}]}\n".formatted(clones);
        assertThat(outcome(lines).ok()).isTrue();
        assertThat(outcome(lines).problems()).hasSize(why == null ? 0 : 1);
        if (why != null) {
            assertThat(outcome(lines).problems().getFirst().code()).isEqualTo("TRN-015");
            assertThat(outcome(lines).problems().getFirst().message()).contains(why);
        }
        assertThat(outcome("sites: [0, 1, 1]\n" + lines).problems())
                .as("clones of before start so")
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            textBlock =
                    """
                    kind: scalar, sites: all-copies; true
                    kind: channel, init: 1/k; true
                    kind: scalar, sites: [1]; true
                    kind: scalar, sites: [0]; false
                    kind: scalar, init: 1, sites: all-copies; false
                    kind: none; false
                    """)
    void branchesAreDividedOnce(String gates, boolean twice) {
        String lines = "sites: [0, 1, 1]\nclones: {init: 1/k, gates: {%s}}\n".formatted(gates);
        assertThat(outcome(lines).ok()).isEqualTo(!twice);
        if (twice) {
            Problem one = outcome(lines).problems().getFirst();
            assertThat(one.code()).isEqualTo("TRN-014");
            assertThat(one.message()).contains("divided by k twice");
            assertThat(one.fix()).contains("`init: 1`");
            assertThat(outcome(lines.replace("init: 1/k, gates", "gates")).ok()).isTrue();
        }
    }

    /** {@code clones.init: copy} gives the same error there. */
    @ParameterizedTest
    @ValueSource(strings = {"clones: {gates: {kind: scalar, init: 0}}", "trainable: norms"})
    void whatAGrowthInsertsIsNotToldToStartAsACopy(String lines) {
        String rounds = "\ngrow: {rounds: [{after_site: 1}]}\n";
        assertThat(outcome(lines + rounds).problems())
                .singleElement()
                .satisfies(
                        one -> {
                            assertThat(one.code()).isEqualTo("TRN-114");
                            assertThat(one.fix()).doesNotContain("copy");
                        });
        assertThat(outcome(lines.replace("init: 0", "init: 1").replace("norms", "clones") + rounds))
                .as("what the fix says")
                .matches(TrainOutcome::ok);
        assertThat(outcome("sites: [0, 1, 1]\n" + zero(lines)).problems().getFirst().fix())
                .contains("`clones.init: copy`");
    }

    private static String zero(String lines) {
        return lines.startsWith("clones")
                ? lines.replace("{gates", "{init: identity, gates")
                : lines + "\nclones: {init: identity}\n";
    }

    @ParameterizedTest
    @CsvSource({
        "'{rank: 8, targets: [q_proj]}',",
        "'{rank: 9, targets: [q_proj]}', q_proj of the model is [8, 8]: no change of it has a rank"
                + " above 8",
        "'{rank: 5}', v_proj of the model is [4, 8]: no change of it has a rank above 4",
    })
    void aRankBeyondItsMatrixIsSaid(String lora, String why) {
        List<Problem> problems = outcome("lora: %s\n".formatted(lora)).problems();
        if (why == null) {
            assertThat(problems).isEmpty();
            return;
        }
        assertThat(problems)
                .singleElement()
                .satisfies(
                        one -> {
                            assertThat(one.isError()).isFalse();
                            assertThat(one.code()).isEqualTo("TRN-015");
                            assertThat(one.message()).contains(why);
                        });
    }

    @ParameterizedTest
    @CsvSource({
        "'[1, 0, 1]', layer 1 stands before layer 0",
        "'[1, 1]', layer 0 is left out",
        "'[0, 0]', layer 1 is left out",
        "'[0, 1, 0]',",
        "'[1, 0]',",
        "'[1]',"
    })
    void copiesOfLayersThatAreNoGrowthAreSaid(String sites, String why) {
        TrainOutcome outcome = outcome("sites: " + sites + "\n");
        if (why == null) {
            assertThat(outcome.problems()).isEmpty();
            return;
        }
        assertThat(outcome.ok()).isTrue();
        assertThat(outcome.problems())
                .singleElement()
                .satisfies(
                        one -> {
                            assertThat(one.code()).isEqualTo("TRN-127");
                            assertThat(one.message()).contains(why);
                        });
        assertThat(remedies("clones: {init: identity}\nsites: " + sites + "\n"))
                .contains(
                        "clones start as identity: o_proj and down_proj are zero, so that the"
                                + " logits are those of the model without them");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            textBlock =
                    """
                    gates: {kind: scalar, init: 0.5, clamp: [0.8, 1]}; moved into 0.8 to 1.0
                    gates: {kind: scalar, init: 1.5, clamp: [0.8, 1]}; gates start at 1.5
                    gates: {kind: scalar, init: 0.8, clamp: [0.8, 1]};
                    gates: {kind: scalar, init: 1, clamp: [0.8, 1]};
                    tie: true, untie_at: 4; after step 4, and there are 4 steps
                    tie: true, untie_at: 3;
                    gates: {init: 0.5}; says how gates are, and there are none
                    gates: {kind: none, init: 0.5};
                    """)
    void settingsOfClonesWithoutEffectAreSaid(String clones, String why) {
        said("clones: {%s}\n".formatted(clones), why);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            textBlock =
                    """
                    weight: 0; the teacher is asked and has no effect
                    weight: 0, hidden: [0];
                    weight: 0.1;
                    weight: 0.1, hidden_weight: 2; weighs states that are matched, and none are
                    hidden: [1], hidden_weight: 2;
                    """)
    void aTeacherWithoutWeightIsSaid(String distill, String why) {
        said("distill: {teacher: b, %s}\n".formatted(distill), why);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            textBlock =
                    """
                    {tie: true}; each site has low-rank matrices of its own
                    {tie: true, untie_at: 2}; each site has low-rank matrices of its own
                    {tie: false};
                    """)
    void tiesOfFrozenWeightsAreSaid(String clones, String why) {
        said("lora: {rank: 2}\nclones: %s\n".formatted(clones), why);
    }

    private static void said(String lines, String why) {
        List<Problem> problems =
                JobReader.read("job.yml", TrainJobs.LEAST + "steps: 4\n" + lines).problems();
        if (why == null) {
            assertThat(problems).isEmpty();
        } else {
            assertThat(problems)
                    .singleElement()
                    .satisfies(
                            one -> {
                                assertThat(one.code()).isEqualTo("TRN-015");
                                assertThat(one.message()).contains(why);
                            });
        }
    }

    @Test
    void gatesStartAtTheShareOfTheirSite() {
        TrainPlan plan = plan(GROWN + "clones: {gates: {kind: scalar, sites: all-copies}}\n");
        assertThat(plan.added().gates().keySet()).containsExactly(0, 1, 2, 3, 4);
        assertThat(plan.added().gates()).containsEntry(0, 0.5).containsEntry(4, 1.0 / 3);
        assertThat(plan("sites: [0, 1, 1]\nclones: {gates: {kind: scalar}}").added().gates())
                .containsOnlyKeys(2);
    }

    @Test
    void gatesHaveTheirOwnRateAndNeverDecay() {
        TrainPlan plan =
                plan(
                        GROWN
                                + """
                                clones: {learning_rate: 1/k, gates: {kind: channel, clamp: [-1, 2]}}
                                optimizer: {decay: all}
                                learning_rates: {"*.mlp_gate": 0.5}
                                """);
        assertThat(parameter(plan, "model.layers.2.attn_gate"))
                .isEqualTo(
                        new ParameterSettings(
                                "model.layers.2.attn_gate",
                                List.of("model.layers.2.attn_gate"),
                                true,
                                10,
                                false,
                                Optional.of(new GateSettings.Clamp(-1, 2))));
        assertThat(parameter(plan, "model.layers.2.mlp_gate").rateMultiplier()).isEqualTo(5);
        assertThat(parameter(plan, "model.layers.2.mlp.up_proj.weight").rateMultiplier())
                .isEqualTo(0.5);
    }

    @Test
    void tiedClonesHaveGatesOfTheirOwn() {
        TrainPlan plan = plan(GROWN + "clones: {tie: true, gates: {kind: scalar}}\n");
        assertThat(parameter(plan, "model.layers.4.attn_gate").sites())
                .containsExactly("model.layers.4.attn_gate");
        assertThat(parameter(plan, "model.layers.1.mlp.up_proj.weight").sites()).hasSize(3);
    }

    @Test
    void withLoraNothingElseLearns() {
        TrainPlan plan = plan(GROWN + "lora: {rank: 2, targets: [v_proj, q_proj]}\n");
        assertThat(plan.parameters().stream().filter(ParameterSettings::trained))
                .hasSize(5 * 2 * 2)
                .allMatch(own -> own.name().contains("lora_") && own.decays());
        // a site has A [2, 8] and B [8, 2] for q, A [2, 8] and B [4, 2] for v; moments of 8 bytes
        assertThat(plan("lora: {rank: 2}").stages().getFirst().memory().moments())
                .isEqualTo(2 * (16 + 16 + 16 + 8) * 8);
    }

    @Test
    void aTeacherCostsItsWeightsAndAForwardPass() {
        String lines = "sites: [0, 1, 1]\ntrainable: clones\n";
        // scores of this vocabulary are the most that a step works on
        TrainedModel model = TrainModels.of(8, 2, 2, 1, 16, 512, false, DType.F32);
        TrainReport.Stage alone = stage(outcome(model, lines, Optional.empty()));
        TrainedModel teacher = TrainModels.of(8, 4, 2, 1, 16, 512, false, DType.F32);
        TrainReport.Stage taught =
                stage(outcome(model, lines + "distill: {teacher: t}\n", Optional.of(teacher)));
        assertThat(taught.memory().weights() - alone.memory().weights())
                .isEqualTo(4 * teacher.parameters());
        assertThat(taught.memory().moments()).isEqualTo(alone.memory().moments());
        assertThat(taught.forwardSeconds()).isGreaterThan(2 * alone.forwardSeconds());
        TrainReport.Stage self =
                stage(outcome(model, lines + "distill: {teacher: self}\n", Optional.empty()));
        assertThat(self.memory().weights()).isEqualTo(alone.memory().weights());
        assertThat(self.memory().working()).isGreaterThan(alone.memory().working());
        assertThat(self.forwardSeconds())
                .isBetween(1.5 * alone.forwardSeconds(), 2 * alone.forwardSeconds());
    }

    @Test
    void statesThatAreMatchedWaitForTheirBackwardPass() {
        String lines = "sites: [0, 0, 1]\ndistill: {teacher: self, hidden: %s}\n";
        String taught = lines.formatted("[]") + "trainable: clones\n";
        long without = stage(outcome(taught)).memory().activations();
        String matched = lines.formatted("[2]") + "trainable: clones\n";
        // one pass in flight, 4 rows of 512 positions, hidden 8
        assertThat(stage(outcome(matched)).memory().activations() - without)
                .isEqualTo(4L * 4 * 512 * 8);
        assertThat(outcome(matched).phases().getFirst().plan().job().distill().orElseThrow())
                .extracting(DistillSettings::hidden, DistillSettings::hiddenWeight)
                .containsExactly(List.of(2), 1.0);
    }

    @Test
    void aTeacherHasToHaveTheStatesThatAreMatched() {
        String lines = "distill: {teacher: t, hidden: [1]}\n";
        assertThat(outcome(lines, Optional.of(TrainModels.small(3, false))).ok()).isTrue();
        assertThat(outcome(lines, Optional.of(TrainModels.small(1, false))).problems())
                .singleElement()
                .extracting(Problem::code, Problem::message)
                .containsExactly(
                        "TRN-124", "site 1 comes from layer 1, and the teacher has layers 0..0");
        TrainedModel wide = TrainModels.of(16, 2, 2, 1, 16, 32, false, DType.F32);
        assertThat(outcome(lines, Optional.of(wide)).problems())
                .singleElement()
                .satisfies(
                        problem ->
                                assertThat(problem.message())
                                        .contains("have 16 numbers and those of the model 8"));
        assertThat(outcome("distill: {teacher: t}\n", Optional.of(wide)).ok())
                .as("scores alone can be compared")
                .isTrue();
    }

    private static TrainReport.Stage stage(TrainOutcome outcome) {
        assertThat(outcome.problems()).isEmpty();
        return Objects.requireNonNull(outcome.report().orElseThrow().pipeline())
                .stages()
                .getFirst();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "clones: {gates: {kind: scalar}} | TRN-102 | no site to gate",
                "clones: {gates: {kind: scalar, sites: [1, 2]}} | TRN-101 | has site 2",
                "sites: [0, 1, 1]%clones: {init: identity, gates: {kind: scalar, init: 0}} |"
                        + " TRN-114 | site 2 would never learn",
                "clones: {gates: {kind: scalar, init: 0}}%grow: {rounds: [{after_site: 1}]} |"
                        + " TRN-114 | site 2 would never learn: its branches are zero",
                "sites: [0, 1, 1]%clones: {gates: {kind: scalar, init: 1, clamp: [0, 0]}} | TRN-114"
                        + " | zero and stay so",
                "sites: [0, 1, 1]%clones: {gates: {kind: scalar, init: 0, learning_rate: 0}} |"
                        + " TRN-114 | zero and stay so",
                "sites: [0, 1, 1]%clones: {init: identity}%lora: {targets: [q_proj]} | TRN-114 |"
                        + " neither its o_proj nor its down_proj learns",
                "sites: [0, 1, 1]%clones: {init: identity}%trainable: norms | TRN-114 | neither"
                        + " its o_proj nor its down_proj learns",
                "grow: {rounds: [{after_site: 1, steps: 999999999}, {after_site: 1, steps: 9}]} |"
                        + " TRN-101 | 1,000,000,008 steps together",
                "grow: {rounds: {order: top-down, until: 999}} | TRN-101 | take 997 rounds",
                "distill: {teacher: self} | TRN-115 | no clones",
                "sites: [0, 1, 1]%distill: {teacher: self} | TRN-115 | learns and is part of",
                "sites: [1, 1, 0]%trainable: clones%distill: {teacher: self} | TRN-115 | layer 0"
                        + " would be layer 1",
                "sites: [0, 1, 1]%trainable: clones%clones: {init: 1/k}%distill: {teacher: self} |"
                        + " TRN-115 | scales the first site",
                "distill: {teacher: t, hidden: [0, 2]} | TRN-101 | has site 2",
                "sites: [0, 1, 1]%trainable: clones%distill: {teacher: self, hidden: [2]} | TRN-124"
                        + " | site 2 is a clone of site 1",
                "sites: [1, 0]%distill: {teacher: t, hidden: [0, 1]} | TRN-124 | once, in their"
                        + " order",
                "sites: [0, 0, 1]%trainable: clones%distill: {teacher: self, hidden: [0, 2]} |"
                        + " TRN-124 | nothing learns at site 0 or below it",
            })
    void whatCannotBeHadIsRefused(String lines, String code, String sentence) {
        assertThat(outcome(lines.replace('%', '\n')).problems())
                .filteredOn(Problem::isError)
                .singleElement()
                .satisfies(
                        problem -> {
                            assertThat(problem.code()).isEqualTo(code);
                            assertThat(problem.message()).contains(sentence);
                        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "distill: {teacher: self} | grow the model with `accrete merge` or `sites`",
                "grow: {rounds: [{after_site: 1}], steps_before: 2}%trainable: [model.norm.*]"
                        + "%distill: {teacher: self} | leave out `grow.steps_before`",
                "sites: [0, 1, 1]%distill: {teacher: self} | write `trainable: clones`",
                "sites: [1, 1, 0]%trainable: clones%distill: {teacher: self} | `teacher: DIR`",
                "sites: [0, 1, 1]%trainable: clones%clones: {init: 1/k}%distill: {teacher: self} |"
                        + " write `clones.init: copy`",
            })
    void whoCannotTeachItselfIsToldWhatToDo(String lines, String fix) {
        assertThat(outcome(lines.replace('%', '\n')).problems())
                .filteredOn(problem -> problem.code().equals("TRN-115"))
                .first()
                .satisfies(
                        problem -> {
                            assertThat(problem.fix()).contains(fix);
                            boolean lacksClones = lines.startsWith("distill");
                            assertThat(problem.fix().contains("trainable: clones"))
                                    .isEqualTo(fix.contains("trainable"));
                            assertThat(lacksClones && problem.fix().startsWith("name the base"))
                                    .isFalse();
                        });
    }

    @Test
    void whoGatesAModelOfUnknownLineageIsToldHowToGiveIt() {
        assertThat(outcome("clones: {gates: {kind: channel, sites: all-copies}}\n").problems())
                .singleElement()
                .satisfies(
                        problem -> {
                            assertThat(problem.code()).isEqualTo("TRN-102");
                            assertThat(problem.message())
                                    .isEqualTo(
                                            "there is no site to gate: no layer of the model is"
                                                    + " known to be a clone");
                            assertThat(problem.fix())
                                    .contains(
                                            "`accrete merge` or `sites`",
                                            "the accrete.json of its merge",
                                            "list sites: `sites: [2, 4]`");
                        });
        assertThat(outcome("clones: {gates: {kind: channel, sites: [1]}}\n").ok())
                .as("sites that are listed need no lineage")
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "baseline: true | TRN-128 | there is no `data.validation` | name validation files",
                "baseline: {steps: 9} | | |",
                "learning_rates: {\"*\": 0} | TRN-129 | multiplied by 0 | in `learning_rates`",
                "learning_rates: {\"*\": 0, \"model.norm.*\": 0.1} | | |",
                "sites: [0, 1, 1]%trainable: clones%learning_rates: {\"model.layers.2.*\": 0} |"
                        + " TRN-129 | nothing changes | in `learning_rates`",
                "sites: [0, 1, 1]%learning_rates: {\"model.layers.2.*\": 0} | | |",
                "grow: {rounds: [{after_site: 1}, {after_site: 0}]}%learning_rates: {\"*\": 0} |"
                        + " TRN-129 | nothing changes | in `learning_rates`",
                "sites: [0, 1, 1]%trainable: [\"*_gate\"]%clones: {gates: {kind: scalar,"
                        + " learning_rate: 0}} | TRN-129 | nothing changes | in"
                        + " `clones.gates.learning_rate`",
            })
    void whatIsTrainedForNothingIsSaid(String lines, String code, String why, String fix) {
        TrainOutcome outcome = outcome(lines.replace('%', '\n') + "\n");
        assertThat(outcome.ok()).isTrue();
        if (code == null) {
            assertThat(outcome.problems()).isEmpty();
            return;
        }
        assertThat(outcome.problems())
                .singleElement()
                .satisfies(
                        one -> {
                            assertThat(one.code()).isEqualTo(code);
                            assertThat(one.isError()).isFalse();
                            assertThat(one.message()).contains(why);
                            assertThat(one.fix()).contains(fix);
                        });
    }

    @Test
    void aBarThatIsMeasuredIsNoWarning() {
        ParsedJob job =
                JobReader.read(
                        "job.yml",
                        "model: m\ndata: {train: [a], validation: [b]}\nbaseline: true\n");
        TrainOutcome outcome =
                TrainPlanner.plan(
                        new TrainRequest(
                                job,
                                TrainModels.small(2, false),
                                Optional.empty(),
                                List.of(new DeviceModel(1_000_000_000L, 40e9))));
        assertThat(outcome.problems()).isEmpty();
    }

    @Test
    void everyRemedyHasASentence() {
        TrainOutcome outcome =
                outcome(
                        GROWN
                                + """
                                clones:
                                  init: identity
                                  learning_rate: 1/k
                                  gates: {kind: scalar, init: 1}
                                learning_rates: {"*.norm": 0.5}
                                trainable: clones
                                distill: {teacher: self, weight: 0.25, temperature: 3}
                                monitor: {spike: {z: 5, then: [skip, pause]}}
                                baseline: true
                                """);
        assertThat(outcome.report().orElseThrow().remedies())
                .containsExactly(
                        "clones start as identity: o_proj and down_proj are zero, so that the"
                                + " logits are those of the base",
                        "the learning rate is divided by k at the sites of a layer with k sites",
                        "each branch of clones has a scalar gate, from 1.0, with 10.0 x the"
                            + " learning rate; it is folded into o_proj and down_proj at the end",
                        "the learning rate is multiplied by 0.5 for *.norm",
                        "only clones learn",
                        "the teacher is the model itself without its clones: weight 0.25 at"
                                + " temperature 3.0",
                        "a step that stands out by 5.0 robust deviations: skip it, the next time"
                                + " pause",
                        "the untouched base is fine-tuned on the same rows: the fair bar");
    }

    @Test
    void lowRanksTiedClonesAndRoundsHaveTheirsToo() {
        assertThat(remedies("clones: {tie: true, untie_at: 5}\nsites: [0, 1, 1]\n"))
                .contains(
                        "all sites of a layer share its weights until step 5, and learn apart from"
                                + " there on");
        assertThat(remedies("lora: {rank: 4, alpha: 8, targets: [o_proj]}\n"))
                .contains(
                        "only low-rank matrices learn: rank 4, scale 2.0, at o_proj; they are"
                                + " merged at the end");
        assertThat(remedies("grow: {steps_before: 9, rounds: [{after_site: 1}]}\n"))
                .containsExactly(
                        "layers are inserted in rounds, as identity, the first after 9 steps",
                        "round 1 copies site 1, to 3 layers, in 200 steps at most");
        TrainOutcome watched =
                planned(
                        TrainJobs.LEAST.replace("]}", "], validation: [b.txt]}")
                                + "grow: {rounds: {order: top-down, add: 2, until: 5}}\n",
                        TrainModels.small(2, false),
                        Optional.empty());
        assertThat(watched.report().orElseThrow().remedies())
                .contains(
                        "round 1 copies sites 0, 1, to 4 layers, in 200 steps at most",
                        "round 2 copies site 3, to 5 layers, in 200 steps at most",
                        "a round ends after 3 validations without a gain of 0.002, not before 50"
                                + " steps, and with its last step");
    }

    private static List<String> remedies(String lines) {
        return outcome(lines).report().orElseThrow().remedies();
    }

    @Test
    void aGateOfZeroBeforeACopyLearns() {
        assertThat(outcome(GROWN + "clones: {gates: {kind: scalar, init: 0}}\n").ok()).isTrue();
    }
}
