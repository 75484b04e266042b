package io.accrete.coordinator.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.accrete.protocol.job.JobEvent;
import io.accrete.protocol.job.JobPhase;
import io.accrete.protocol.job.JobSpec;
import io.accrete.protocol.job.JobView;
import io.accrete.protocol.job.MergeOptions;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.job.ReasonCode;
import io.accrete.protocol.merge.ShardReceipt;

import org.junit.jupiter.api.Test;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

class JobStateTest {
    private static final List<JobCommand> COMMANDS =
            List.of(
                    new JobCommand.Submit("j1", JournalExamples.spec()),
                    new JobCommand.StartPlanning(),
                    JournalExamples.acceptPlan(),
                    new JobCommand.AdoptPublished(JournalExamples.SUMMARY),
                    receive(0, "avx2"),
                    receive(1, "avx2"),
                    new JobCommand.StartRecovery(9),
                    new JobCommand.TakeStock(List.of(0), 1, "one is lost"),
                    new JobCommand.Pause(ReasonCode.PAUSED_BY_USER, "paused"),
                    new JobCommand.Pause(ReasonCode.DISK_FULL, "no room"),
                    new JobCommand.Resume(9),
                    new JobCommand.StartPublishing(),
                    new JobCommand.MoveReplaced(),
                    new JobCommand.Finish(JournalExamples.SUMMARY),
                    new JobCommand.Fail(ReasonCode.NON_FINITE, "NaN", List.of()),
                    new JobCommand.Cancel(),
                    new JobCommand.ConfirmCancelled());

    @Test
    void aMergeGoesFromQueuedToSucceeded() {
        JobState job = queued();
        job = accept(job, new JobCommand.StartPlanning());
        job = accept(job, JournalExamples.acceptPlan());
        assertThat(job.phase()).isEqualTo(JobPhase.RUNNING);
        job = accept(job, receive(0, "avx2"));
        job = accept(job, receive(1, "avx2"));
        job = accept(job, new JobCommand.StartPublishing());
        job = accept(job, new JobCommand.Finish(JournalExamples.SUMMARY));

        JobView view = job.view();
        assertThat(view.phase()).isEqualTo(JobPhase.SUCCEEDED);
        assertThat(view.progress().bytesDone()).isEqualTo(2_000);
        assertThat(view.progress().tasksDone()).isEqualTo(2);
        assertThat(view.result()).contains(JournalExamples.SUMMARY);
    }

    /** All states within nine commands of the first, and every command in each of them. */
    @Test
    void whateverIsAskedEveryEventCanBeAppliedAndEveryPhaseHasAReason() {
        Set<JobState> seen = new HashSet<>();
        Deque<JobState> open = new ArrayDeque<>(List.of(queued()));
        Set<JobPhase> phases = new HashSet<>();
        while (!open.isEmpty()) {
            JobState job = open.remove();
            if (!seen.add(job)) {
                continue;
            }
            phases.add(job.phase());
            assertThat(job.reason()).isNotBlank();
            for (JobCommand command : COMMANDS) {
                switch (job.decide(command, JournalExamples.AT)) {
                    case Decision.Accepted<JobEvent>(List<JobEvent> events) -> {
                        if (job.phase().isTerminal()) {
                            assertThat(events).as("%s in %s", command, job.phase()).isEmpty();
                        }
                        JobState next = job;
                        for (JobEvent event : events) {
                            next = next.apply(event);
                        }
                        open.add(next);
                    }
                    case Decision.Rejected<JobEvent>(String sentence) ->
                            assertThat(sentence).contains("j1").contains(job.phase().name());
                }
            }
        }
        assertThat(phases).containsExactlyInAnyOrder(JobPhase.values());
    }

    /** So that it can be told in one message between nodes, whatever names a recipe has. */
    @Test
    void whatAJobFailsWithIsBounded() {
        String name = "n".repeat(50_000);
        List<Problem> many =
                IntStream.range(0, 5_000)
                        .mapToObj(i -> Problem.error("PLN-001", "recipe.yml", i + name, name))
                        .toList();
        JobState failed =
                accept(running(), new JobCommand.Fail(ReasonCode.INTERNAL, "it failed", many));

        assertThat(failed.view().problems()).hasSize(201);
        assertThat(failed.view().problems().getLast().message()).isEqualTo("and 4,800 more");
        assertThat(failed.view().problems().getLast().isError()).isTrue();
        assertThat(KnownViews.weight(failed.view())).isLessThan(1 << 20);
    }

    @Test
    void whatStandsForMoreWarningsIsNoError() {
        JobCommand.AcceptPlan plan = JournalExamples.acceptPlan();
        Problem warning = Problem.error("PLN-059", "recipe.yml", "no tensor", "").asWarning();
        JobState job =
                accept(
                        accept(queued(), new JobCommand.StartPlanning()),
                        new JobCommand.AcceptPlan(
                                plan.file(),
                                plan.sha256(),
                                plan.digest(),
                                plan.model(),
                                plan.shards(),
                                Collections.nCopies(201, warning)));

        assertThat(job.view().problems()).hasSize(201).noneMatch(Problem::isError);
    }

    @Test
    void anEventThatCannotFollowIsAFault() {
        assertThatThrownBy(() -> queued().apply(new JobEvent.PublishingStarted(JournalExamples.AT)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("job j1 is QUEUED");
    }

    @Test
    void aShardIsReceivedOnce() {
        JobState job = running();
        job = accept(job, receive(0, "avx2"));

        assertThat(job.decide(receive(0, "avx2"), JournalExamples.AT))
                .isEqualTo(Decision.nothingNew());
    }

    @Test
    void aShardBeyondThePlanIsRejected() {
        assertThat(rejection(running(), receive(2, "avx2"))).contains("shard 2 of its 2");
    }

    @Test
    void aShardOfAnotherNumericClassIsRejected() {
        JobState job = accept(running(), receive(0, "avx2"));

        assertThat(rejection(job, receive(1, "avx512"))).contains("avx512").contains("avx2");
    }

    @Test
    void nothingIsPublishedBeforeAllShardsAreThere() {
        JobState job = accept(running(), receive(0, "avx2"));

        assertThat(rejection(job, new JobCommand.StartPublishing()))
                .contains("be published without 1 shard");
    }

    @Test
    void lostShardsAreForgottenAndKeptOnesCountAsResumed() {
        JobState job = accept(running(), receive(0, "avx2"));
        job = accept(job, receive(1, "avx2"));
        job = accept(job, new JobCommand.StartRecovery(2));
        job = accept(job, new JobCommand.TakeStock(List.of(1), 1, "one is gone"));

        assertThat(job.phase()).isEqualTo(JobPhase.RUNNING);
        assertThat(job.receipts()).containsOnlyKeys(0);
        assertThat(job.view().progress().tasksResumed()).isEqualTo(1);
        assertThat(job.reason()).isEqualTo("one is gone");
    }

    @Test
    void whatIsBeingPublishedCannotBePausedByAUserOrCancelled() {
        JobState job = accept(running(), receive(0, "avx2"));
        job = accept(job, receive(1, "avx2"));
        job = accept(job, new JobCommand.StartPublishing());

        assertThat(rejection(job, new JobCommand.Pause(ReasonCode.PAUSED_BY_USER, "x")))
                .contains("it ends in a moment");
        assertThat(rejection(job, new JobCommand.Cancel())).contains("PUBLISHING");
        assertThat(accept(job, new JobCommand.Pause(ReasonCode.DISK_FULL, "x")).phase())
                .isEqualTo(JobPhase.PAUSED);
    }

    @Test
    void theSameSubmissionAgainChangesNothingAndAnotherIsRejected() {
        JobState job = running();
        JobSpec spec = JournalExamples.spec();
        MergeOptions options = MergeOptions.defaults("/elsewhere");

        assertThat(job.decide(new JobCommand.Submit("j1", spec), JournalExamples.AT))
                .isEqualTo(Decision.nothingNew());
        assertThat(
                        rejection(
                                job,
                                new JobCommand.Submit(
                                        "j1",
                                        JobSpec.merge(
                                                "other.yml", "other", "/models/out", options))))
                .contains("recipe other.yml has another text")
                .contains("option directory was /models and is /elsewhere")
                .contains("choose another output");
    }

    @Test
    void aKeyThatComesWithAnotherOutputIsSaidToBeInUse() {
        JobSpec spec = JournalExamples.spec();
        JobSpec elsewhere =
                JobSpec.merge(spec.recipeFile(), spec.recipe(), "/models/other", spec.options());

        assertThat(rejection(running(), new JobCommand.Submit("j1", elsewhere)))
                .startsWith("this key was used for another request, that of job j1,")
                .endsWith("the output was /models/out. Choose another key");
    }

    @Test
    void aKeyOfAJobThatHasEndedIsSaidToBeInUseWhateverTheOutput() {
        JobState ended =
                accept(running(), new JobCommand.Fail(ReasonCode.INTERNAL, "it failed", List.of()));
        JobSpec spec = JournalExamples.spec();
        JobSpec other = JobSpec.merge(spec.recipeFile(), "other", spec.output(), spec.options());

        assertThat(rejection(ended, new JobCommand.Submit("j1", other)))
                .startsWith("this key was used for another request")
                .contains("which is FAILED: the recipe r.yml has another text");
    }

    private static JobState queued() {
        return JobState.of(
                new JobEvent.Submitted("j1", JournalExamples.spec(), JournalExamples.AT));
    }

    private static JobState running() {
        return accept(
                accept(queued(), new JobCommand.StartPlanning()), JournalExamples.acceptPlan());
    }

    private static JobCommand.ReceiveShard receive(int shard, String numericClass) {
        ShardReceipt receipt = JournalExamples.received(shard, numericClass).receipt();
        return new JobCommand.ReceiveShard(receipt, "w", Optional.of(numericClass));
    }

    private static JobState accept(JobState job, JobCommand command) {
        List<JobEvent> events = new ArrayList<>();
        switch (job.decide(command, JournalExamples.AT)) {
            case Decision.Accepted<JobEvent>(List<JobEvent> accepted) -> events.addAll(accepted);
            case Decision.Rejected<JobEvent>(String sentence) -> throw new AssertionError(sentence);
        }
        JobState next = job;
        for (JobEvent event : events) {
            next = next.apply(event);
        }
        return next;
    }

    private static String rejection(JobState job, JobCommand command) {
        return switch (job.decide(command, JournalExamples.AT)) {
            case Decision.Accepted<JobEvent>(List<JobEvent> events) ->
                    throw new AssertionError("accepted: " + events);
            case Decision.Rejected<JobEvent>(String sentence) -> sentence;
        };
    }
}
