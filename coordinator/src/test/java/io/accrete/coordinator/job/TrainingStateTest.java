package io.accrete.coordinator.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.protocol.job.JobEvent;
import io.accrete.protocol.job.JobPhase;
import io.accrete.protocol.job.JobSpec;
import io.accrete.protocol.job.JobView;
import io.accrete.protocol.job.ReasonCode;
import io.accrete.protocol.job.StageBudget;
import io.accrete.protocol.train.GuardState;
import io.accrete.protocol.train.TrainState;

import org.junit.jupiter.api.Test;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

class TrainingStateTest {
    private static final Instant AT = Instant.parse("2026-11-29T12:00:00Z");

    private JobState job =
            JobState.of(new JobEvent.Submitted("j1", JournalExamples.training(), AT))
                    .apply(new JobEvent.PlanningStarted(AT))
                    .apply(JournalExamples.trainingPlanned());

    private Decision<JobEvent> obey(JobCommand command) {
        Decision<JobEvent> decision = job.decide(command, AT);
        if (decision instanceof Decision.Accepted<JobEvent>(List<JobEvent> events)) {
            events.forEach(event -> job = job.apply(event));
        }
        return decision;
    }

    private Decision<JobEvent> commit(int step) {
        JobEvent.CheckpointCommitted event = JournalExamples.committed(step);
        return obey(
                new JobCommand.CommitCheckpoint(
                        event.checkpoint(), event.state(), event.numericClass()));
    }

    /** The job as it is asked for now, by a plan of three stages that keeps two checkpoints. */
    private Decision<JobEvent> recut(JobSpec spec, String digest) {
        return obey(
                new JobCommand.Recut(
                        spec,
                        new JobCommand.AcceptTraining(
                                "/models/.out.accrete/cuts/plan.json",
                                "ee",
                                digest,
                                60,
                                3,
                                2,
                                List.of())));
    }

    private JobSpec asked(String text, String output) {
        JobSpec spec = job.spec();
        return new JobSpec(spec.kind(), "other.yml", text, output, spec.options(), StageBudget.ANY);
    }

    @Test
    void aPausedTrainingGoesOnByAnotherPlanOfTheSameResult() {
        String output = job.spec().output();
        JobSpec asked = asked("model: base # over three", output);
        commit(10);
        assertThat(recut(asked, "dd")).isInstanceOf(Decision.Rejected.class);
        obey(new JobCommand.Pause(ReasonCode.PAUSED_BY_USER, "paused"));
        assertThat(recut(asked, "another digest")).isInstanceOf(Decision.Rejected.class);
        assertThat(recut(asked("model: base", "/elsewhere"), "dd"))
                .isInstanceOf(Decision.Rejected.class);

        assertThat(recut(asked, "dd")).isInstanceOf(Decision.Accepted.class);
        assertThat(job.phase()).isEqualTo(JobPhase.PAUSED);
        assertThat(job.spec()).isEqualTo(asked);
        TrainingState training = job.training().orElseThrow();
        assertThat(training.plan().stages()).isEqualTo(3);
        assertThat(training.plan().digest()).isEqualTo("dd");
        assertThat(training.done().step()).isEqualTo(10);
        assertThat(recut(asked, "dd")).isEqualTo(Decision.nothingNew());
        // What is submitted then is the same job.
        assertThat(obey(new JobCommand.Submit("j1", asked))).isEqualTo(Decision.nothingNew());
    }

    @Test
    void aCheckpointIsCommittedOnceAndOldOnesAreLetGo() {
        for (int step : new int[] {10, 20, 30, 40, 40, 30}) {
            assertThat(commit(step)).isInstanceOf(Decision.Accepted.class);
        }
        TrainingState training = job.training().orElseThrow();
        assertThat(training.checkpoints().keySet()).containsExactly(20, 30, 40);
        assertThat(training.done()).isEqualTo(JournalExamples.committed(40).state());
        assertThat(job.numericClass()).hasValue("avx2");
        JobView view = job.view();
        assertThat(view.progress().tasksDone()).isEqualTo(40);
        assertThat(view.progress().tasksTotal()).isEqualTo(60);
        assertThat(view.training().orElseThrow().checkpoints()).containsExactly(20, 30, 40);
    }

    /** With the best so far as it stood then. */
    private void commit(int step, int best) {
        JobEvent.CheckpointCommitted event = JournalExamples.committed(step);
        JobEvent.CheckpointCommitted lowest = JournalExamples.committed(best);
        TrainState state = event.state();
        TrainState.Best known = new TrainState.Best(best, lowest.state().loss());
        obey(
                new JobCommand.CommitCheckpoint(
                        event.checkpoint(),
                        new TrainState(
                                state.step(),
                                state.rows(),
                                state.tokens(),
                                state.loss(),
                                state.metricsBytes(),
                                state.validationBefore(),
                                state.lastValidation(),
                                state.phase(),
                                state.guard(),
                                state.over(),
                                Optional.of(known)),
                        event.numericClass()));
    }

    @Test
    void theBestCheckpointStaysAsLongAsOneKnowsIt() {
        commit(5, 5);
        for (int step = 10; step <= 30; step += 5) {
            commit(step, 5);
        }
        TrainingState training = job.training().orElseThrow();
        assertThat(training.checkpoints().keySet()).containsExactly(5, 20, 25, 30);
        assertThat(training.publishedStep()).isEqualTo(5);
        commit(35, 35);
        assertThat(job.training().orElseThrow().publishedStep()).isEqualTo(35);
        obey(new JobCommand.RollBack(30));
        assertThat(job.training().orElseThrow().publishedStep()).isEqualTo(5);
        obey(new JobCommand.TakeStock(List.of(), 3, "goes on"));
        for (int step = 35; step <= 45; step += 5) {
            commit(step, 35);
        }
        training = job.training().orElseThrow();
        assertThat(training.checkpoints().keySet()).containsExactly(35, 40, 45);
        assertThat(training.publishedStep()).isEqualTo(35);
    }

    @Test
    void whatIsDamagedIsNotGoneOnFrom() {
        commit(10);
        commit(20);
        obey(new JobCommand.StartRecovery(2));
        obey(new JobCommand.TakeStock(List.of(20), 1, "step 20 is damaged"));
        assertThat(job.phase()).isEqualTo(JobPhase.RUNNING);
        assertThat(job.training().orElseThrow().done().step()).isEqualTo(10);
        assertThat(job.training().orElseThrow().recoveries()).isEqualTo(1);
    }

    @Test
    void rollingBackMakesLaterCheckpointsVoid() {
        commit(10);
        commit(20);
        assertThat(obey(new JobCommand.RollBack(15)))
                .isInstanceOfSatisfying(
                        Decision.Rejected.class,
                        no ->
                                assertThat(no.sentence())
                                        .contains("no checkpoint of step 15", "[10, 20]"));
        obey(new JobCommand.RollBack(10));
        assertThat(job.phase()).isEqualTo(JobPhase.RECOVERING);
        assertThat(job.training().orElseThrow().latest().map(c -> c.checkpoint().step()))
                .hasValue(10);
        obey(new JobCommand.TakeStock(List.of(), 1, "goes on"));
        obey(new JobCommand.Pause(ReasonCode.PAUSED_BY_USER, "paused"));
        obey(new JobCommand.RollBack(0));
        assertThat(job.phase()).as("a paused job stays so").isEqualTo(JobPhase.PAUSED);
        assertThat(job.training().orElseThrow().latest()).isEqualTo(Optional.empty());
    }

    @Test
    void aStepBackReplacesThoseThatLeadFurtherOnAndAPersonsLeavesThem() {
        List.of(10, 20, 30).forEach(this::commit);
        obey(new JobCommand.Rewound(JournalExamples.rewind(25)));
        assertThat(job.phase()).isEqualTo(JobPhase.RECOVERING);
        assertThat(job.reason()).isEqualTo("step 25 leads back");
        assertThat(job.training().orElseThrow().checkpoints().keySet()).containsExactly(10, 20);
        obey(new JobCommand.TakeStock(List.of(), 2, "goes on"));
        obey(new JobCommand.RollBack(10));
        assertThat(job.training().orElseThrow().rewinds())
                .containsExactly(JournalExamples.rewind(25));
        obey(new JobCommand.TakeStock(List.of(), 1, "goes on"));
        obey(new JobCommand.Rewound(JournalExamples.rewind(40)));
        obey(new JobCommand.TakeStock(List.of(), 1, "goes on"));
        obey(new JobCommand.Rewound(JournalExamples.rewind(25)));
        assertThat(job.training().orElseThrow().rewinds())
                .containsExactly(JournalExamples.rewind(25));
    }

    @Test
    void aSpikeThatAPersonHasLookedAtPausesNoMore() {
        JobEvent.CheckpointCommitted event = JournalExamples.committed(20);
        TrainState waiting = event.state().guarded(GuardState.NEW.pausing("look"));
        obey(new JobCommand.CommitCheckpoint(event.checkpoint(), waiting, event.numericClass()));
        assertThat(job.training().orElseThrow().done().guard().pause()).hasValue("look");
        obey(new JobCommand.Pause(ReasonCode.PAUSED_BY_USER, "for lunch"));
        assertThat(job.training().orElseThrow().done().guard().pause()).hasValue("look");
        obey(new JobCommand.Resume(2));
        obey(new JobCommand.Pause(ReasonCode.LOSS_SPIKE, "look"));
        assertThat(job.training().orElseThrow().done()).isEqualTo(event.state());
    }

    @Test
    void nothingIsPublishedBeforeTheLastStepIsSaved() {
        commit(59);
        assertThat(obey(new JobCommand.StartPublishing()))
                .isInstanceOfSatisfying(
                        Decision.Rejected.class,
                        no -> assertThat(no.sentence()).contains("without 1 step"));
        commit(60);
        obey(new JobCommand.StartPublishing());
        assertThat(job.phase()).isEqualTo(JobPhase.PUBLISHING);
        assertThat(commit(61)).isInstanceOf(Decision.Rejected.class);
    }
}
