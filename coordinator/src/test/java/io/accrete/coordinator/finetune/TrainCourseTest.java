package io.accrete.coordinator.finetune;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.TestInbox;

import io.accrete.coordinator.job.TrainingState;
import io.accrete.coordinator.train.JobReader;
import io.accrete.protocol.job.JobEvent;
import io.accrete.protocol.merge.Lineage;
import io.accrete.protocol.train.AddedParameters;
import io.accrete.protocol.train.PhaseSteps;
import io.accrete.protocol.train.PlannedPhase;
import io.accrete.protocol.train.PlannedTraining;
import io.accrete.protocol.train.TrainJob;
import io.accrete.protocol.train.TrainPlan;
import io.accrete.protocol.train.TrainSources;
import io.accrete.protocol.wire.Epoch;
import io.accrete.protocol.wire.LinkAddress;
import io.accrete.protocol.wire.LinkSecret;
import io.accrete.protocol.wire.StageAnswer;
import io.accrete.protocol.wire.StageCommand;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

class TrainCourseTest {
    private static final int SEEDS = Integer.getInteger("accrete.seeds", 100);
    private static final int EVENTS_MAX = 1_000_000;

    private static TrainJob job(int every, String spike) {
        return JobReader.read(
                        "job.yml",
                        """
                        model: m
                        data: {train: [t], validation: [v]}
                        batch: {micro_batch: 2, accumulate: 1}
                        steps: 23
                        checkpoint: {every: %d, keep: 2}
                        monitor: {validate_every: 5, spike: %s}
                        """
                                .formatted(every, spike))
                .job()
                .orElseThrow();
    }

    private static PlannedTraining planned(int... steps) {
        return planned(job(4, "null"), steps);
    }

    /** A job in phases of so many steps. */
    private static PlannedTraining planned(TrainJob job, int... steps) {
        List<PlannedPhase> phases = new ArrayList<>();
        for (int most : steps) {
            TrainPlan plan =
                    new TrainPlan(
                            job,
                            Lineage.plain("m", 2 + phases.size()).sites(),
                            List.of(),
                            List.of(),
                            AddedParameters.none(),
                            List.of(),
                            List.of(),
                            false,
                            1);
            phases.add(
                    new PlannedPhase(
                            plan, new PhaseSteps(most, most, true), List.of(), Optional.empty()));
        }
        TrainSources sources =
                new TrainSources(
                        new TrainSources.Folder("m", List.of(), null),
                        Optional.empty(),
                        Optional.empty(),
                        List.of(),
                        List.of());
        return PlannedTraining.of(sources, job, phases);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void whateverHappensOnTheWayTheEndIsTheSame(int groups) {
        check(planned(23), groups, 23 + 2 * 6);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void aStepIsOneCommandToEachGroup(int groups) {
        CourseSimulation simulation = new CourseSimulation(planned(23), groups, 0, 0);
        simulation.run(EVENTS_MAX);
        // Saved after 4, 8, 12, 16, 20 and 23.
        assertThat(simulation.sent())
                .containsEntry("Step", groups * 23)
                .containsEntry("Score", groups * 6)
                .containsEntry("Save", groups * 6)
                .containsEntry("Settle", groups * 6)
                .containsEntry("Export", 1);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void soItIsWithPhasesThatEndBetweenCheckpoints(int groups) {
        // validations at 0, 5, 7, 8, 10, 15, 20 and 23
        check(planned(7, 1, 15), groups, 23 + 2 * 8);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void stepsBackAndPausesEndTheSameWhateverHappensAndWhereverCheckpointsAre(boolean skipData) {
        // Losses are numbers by chance here: one in thirty stands out so little.
        String spike =
                "{z: 1.25, then: [{rollback: {steps: 9, skip_data: %s}}, skip, {rollback: {steps: 3}}]}"
                        .formatted(skipData);
        CourseSimulation undisturbed =
                new CourseSimulation(planned(job(4, spike), 90, 60, 150), 2, 0, 0);
        List<Long> weights = undisturbed.run(EVENTS_MAX);
        assertThat(undisturbed.pauses()).isPositive();
        assertThat(undisturbed.metrics()).contains("\"rollback\"", "\"skipped\":true");
        assertThat(undisturbed.notes())
                .anyMatch(note -> note.contains("and on from there at 0.5 times the rate"));
        for (int seed = 1; seed <= SEEDS; seed++) {
            TrainJob job = job(1 + seed % 13, spike);
            CourseSimulation troubled =
                    new CourseSimulation(planned(job, 90, 60, 150), 2, seed, 0.05);
            assertThat(troubled.run(EVENTS_MAX)).as("seed %d", seed).isEqualTo(weights);
            assertThat(troubled.metrics()).as("seed %d", seed).isEqualTo(undisturbed.metrics());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void theBestStateIsPublishedWhateverHappens(int groups) {
        TrainJob job =
                JobReader.read(
                                "job.yml",
                                """
                                model: m
                                data: {train: [t], validation: [v]}
                                batch: {micro_batch: 2, accumulate: 1}
                                steps: 23
                                checkpoint: {every: 4, keep: 1}
                                monitor: {validate_every: 3}
                                output: {which: best}
                                """)
                        .job()
                        .orElseThrow();
        // validations at 0, 3, 6, 9, 12, 15, 18, 21 and 23
        check(planned(job, 23), groups, 23 + 2 * 9);
        CourseSimulation undisturbed = new CourseSimulation(planned(job, 23), groups, 0, 0);
        List<Long> published = undisturbed.run(EVENTS_MAX);
        int best = 0;
        double least = Double.POSITIVE_INFINITY;
        Matcher validations =
                Pattern.compile("\"step\":(\\d+),\"validation\":\\{\"loss\":([0-9.E-]+)")
                        .matcher(undisturbed.metrics());
        while (validations.find()) {
            int step = Integer.parseInt(validations.group(1));
            double loss = Double.parseDouble(validations.group(2));
            if (step > 0 && loss < least) {
                best = step;
                least = loss;
            }
        }
        assertThat(best).isBetween(1, 22);
        assertThat(published).isEqualTo(undisturbed.at(best));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void noStepIsDoneAgainWhereOnlyDriversDie(int groups) {
        PlannedTraining planned = planned(7, 1, 15);
        CourseSimulation undisturbed = new CourseSimulation(planned, groups, 0, 0);
        List<Long> weights = undisturbed.run(EVENTS_MAX);
        int takeOvers = 0;
        for (int seed = 1; seed <= SEEDS; seed++) {
            CourseSimulation orphaned = new CourseSimulation(planned, groups, seed, 0, 40 * groups);
            assertThat(orphaned.run(EVENTS_MAX)).as("seed %d", seed).isEqualTo(weights);
            assertThat(orphaned.metrics()).as("seed %d", seed).isEqualTo(undisturbed.metrics());
            assertThat(orphaned.steps()).as("seed %d", seed).isEqualTo(23 * groups);
            takeOvers += orphaned.takeOvers();
        }
        assertThat(takeOvers).isGreaterThan(SEEDS);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void driversThatDieInTroubleChangeNothing(int groups) {
        String spike = "{z: 1.25, then: [{rollback: {steps: 9}}, skip, {rollback: {steps: 3}}]}";
        PlannedTraining planned = planned(job(4, spike), 90, 60, 150);
        CourseSimulation undisturbed = new CourseSimulation(planned, groups, 0, 0);
        List<Long> weights = undisturbed.run(EVENTS_MAX);
        assertThat(undisturbed.metrics()).contains("\"rollback\"", "\"skipped\":true");
        int takeOvers = 0;
        int others = 0;
        for (int seed = 1; seed <= SEEDS; seed++) {
            CourseSimulation orphaned =
                    new CourseSimulation(planned, groups, seed, 0.05, 400 * groups);
            assertThat(orphaned.run(EVENTS_MAX)).as("seed %d", seed).isEqualTo(weights);
            assertThat(orphaned.metrics()).as("seed %d", seed).isEqualTo(undisturbed.metrics());
            takeOvers += orphaned.takeOvers();
            others += orphaned.recoveries() - orphaned.takeOvers();
        }
        assertThat(takeOvers).isGreaterThan(SEEDS);
        assertThat(others).isGreaterThan(SEEDS);
    }

    /** Until then another driver may go on with the round before, and journal what it has saved. */
    @Test
    void whatAnotherRoundHasSavedStaysUntilAllStagesHaveBegun() {
        TrainCourse course = new TrainCourse(planned(23), "step-%d.%d"::formatted, "model");
        LinkSecret secret = new LinkSecret("s");
        course.divide(2);
        course.begin(
                7,
                secret,
                new TrainingState(
                        new JobEvent.TrainingPlanned(
                                "plan", "", "", 23, 2, 2, List.of(), Instant.EPOCH),
                        new TreeMap<>(),
                        List.of(),
                        0,
                        0,
                        7));
        course.arrived(arrival(0));
        assertThat(course.arrived(arrival(1)))
                .hasSize(2)
                .allMatch(CourseEffect.Send.class::isInstance);
        assertThat(course.answered(new StageAnswer.Begun(1, 7, List.of()), 0)).isEmpty();
        assertThat(course.answered(new StageAnswer.Begun(0, 7, List.of()), 0))
                .contains(new CourseEffect.Discard(7));
    }

    /** A group may wait for the next command while another is gone that has not answered. */
    @Test
    void anEdgeThatBreaksAfterTheAnswerIsASignThatAnotherIsDead() {
        TrainCourse course = new TrainCourse(planned(23), "step-%d.%d"::formatted, "model");
        course.divide(2);
        course.begin(
                0,
                new LinkSecret("s"),
                new TrainingState(
                        new JobEvent.TrainingPlanned(
                                "plan", "", "", 23, 2, 2, List.of(), Instant.EPOCH),
                        new TreeMap<>(),
                        List.of(),
                        0,
                        0,
                        0));
        course.arrived(arrival(0));
        long number =
                course.arrived(arrival(1)).stream()
                        .map(effect -> ((CourseEffect.Send) effect).command())
                        .mapToLong(c -> ((StageCommand.InCourse) c).bearings().number())
                        .findFirst()
                        .orElseThrow();
        course.answered(new StageAnswer.Begun(1, 0, List.of()), 0);
        assertThat(course.answered(broken(number - 1, 0), 0)).as("of an older command").isEmpty();
        assertThat(course.answered(broken(number), 0))
                .containsExactly(new CourseEffect.Suspect(List.of()));
        assertThat(course.answered(broken(number), 0)).as("known").isEmpty();
        assertThat(course.answered(broken(number, 0), 0))
                .containsExactly(new CourseEffect.Suspect(List.of(arrival(0).lease())));
    }

    /** As group 1 says of others. */
    private static StageAnswer.EdgeBroken broken(long command, int... gone) {
        List<LinkAddress> refusing = IntStream.of(gone).mapToObj(TrainCourseTest::address).toList();
        return new StageAnswer.EdgeBroken(1, 0, command, "an edge broke", refusing);
    }

    private static LinkAddress address(int group) {
        return new LinkAddress("h", 1 + group);
    }

    private static StageAnswer.Arrived arrival(int group) {
        return new StageAnswer.Arrived(
                group,
                new Epoch(1, 1 + group),
                "w",
                "c",
                Optional.of(address(group)),
                Optional.empty(),
                TestInbox.<StageCommand>create("nobody").getRef());
    }

    /**
     * @param lines of the metrics: one for each step, two for each validation, which has a sample
     */
    private static void check(PlannedTraining planned, int groups, int lines) {
        CourseSimulation undisturbed = new CourseSimulation(planned, groups, 0, 0);
        List<Long> weights = undisturbed.run(EVENTS_MAX);
        assertThat(undisturbed.recoveries()).isZero();
        assertThat(undisturbed.metrics().lines()).hasSize(lines);
        assertThat(undisturbed.notes()).containsOnlyOnce("2 rows were split");
        int recoveries = 0;
        int suspected = 0;
        for (int seed = 1; seed <= SEEDS; seed++) {
            CourseSimulation troubled = new CourseSimulation(planned, groups, seed, 0.05);
            assertThat(troubled.run(EVENTS_MAX)).as("seed %d", seed).isEqualTo(weights);
            assertThat(troubled.metrics()).as("seed %d", seed).isEqualTo(undisturbed.metrics());
            recoveries += troubled.recoveries();
            suspected += troubled.suspected();
        }
        assertThat(suspected).isPositive();
        assertThat(recoveries).isGreaterThan(SEEDS);
    }
}
