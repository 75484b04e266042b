package io.accrete.worker;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.TestInbox;
import akka.actor.typed.ActorRef;

import io.accrete.protocol.merge.CopiedBytes;
import io.accrete.protocol.merge.ShardReceipt;
import io.accrete.protocol.wire.Epoch;
import io.accrete.protocol.wire.KeptStages;
import io.accrete.protocol.wire.StageAnswer;
import io.accrete.protocol.wire.StageRef;
import io.accrete.protocol.wire.TaskFailure;
import io.accrete.protocol.wire.TaskRef;
import io.accrete.worker.AgentEffect.Cancel;
import io.accrete.worker.AgentEffect.Delete;
import io.accrete.worker.AgentEffect.Follow;
import io.accrete.worker.AgentEffect.Heartbeat;
import io.accrete.worker.AgentEffect.Leave;
import io.accrete.worker.AgentEffect.Pass;
import io.accrete.worker.AgentEffect.Pull;
import io.accrete.worker.AgentEffect.Refuse;
import io.accrete.worker.AgentEffect.Register;
import io.accrete.worker.AgentEffect.Report;
import io.accrete.worker.AgentEffect.Start;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

class AgentStateTest {
    private static final Duration LEASE = Duration.ofSeconds(15);
    private static final WorkerSettings SETTINGS =
            new WorkerSettings(
                    "w",
                    1,
                    1,
                    Duration.ofMillis(100),
                    Duration.ofSeconds(1),
                    Duration.ofMillis(500),
                    Duration.ofSeconds(4));
    private static final TaskRef TASK =
            new TaskRef("job", "/plan", "00", 0, "/tmp/shard", CopiedBytes.MOVED);
    private static final ActorRef<StageAnswer> DRIVER =
            TestInbox.<StageAnswer>create("driver").getRef();
    private static final Epoch FIRST = new Epoch(3, 1);
    private static final Epoch SECOND = new Epoch(3, 2);
    private static final Epoch THIRD = new Epoch(3, 3);
    private static final TaskOutcome DONE =
            new TaskOutcome.Done(
                    new ShardReceipt(
                            0, 1, "", List.of(), List.of(), List.of(), ShardReceipt.Moved.NONE));

    private final AgentState state = new AgentState(SETTINGS);
    private long now = -5_000_000_000L; // a monotonic clock may start anywhere

    @Test
    void aWorkerRegistersUntilItIsKnown() {
        assertThat(state.poolFound(now)).containsExactly(new Register(Optional.empty(), List.of()));
        assertThat(after(400)).isEmpty();
        assertThat(after(100)).containsExactly(new Register(Optional.empty(), List.of()));
        assertThat(after(900)).isEmpty();
        assertThat(after(100)).containsExactly(new Register(Optional.empty(), List.of()));

        assertThat(state.registered(3, now)).containsExactly(new Follow(), new Pull());

        assertThat(after(100)).isEmpty();
    }

    @Test
    void pullsAreRepeatedAtGrowingIntervalsUntilGranted() {
        register();
        assertThat(after(499)).isEmpty();
        assertThat(after(1)).containsExactly(new Pull());
        assertThat(after(999)).isEmpty();
        assertThat(after(1)).containsExactly(new Pull());
        for (int i = 0; i < 5; i++) {
            after(4000);
        }
        assertThat(after(3999)).isEmpty();
        assertThat(after(1)).containsExactly(new Pull());

        state.grant(FIRST, LEASE, TASK, now);

        assertThat(after(4000)).doesNotContain(new Pull());
    }

    @Test
    void aGrantStartsTheTaskAndIsConfirmed() {
        register();

        assertThat(state.grant(FIRST, LEASE, TASK, now))
                .containsExactly(new Start(FIRST, TASK), new Heartbeat(List.of(FIRST)));
    }

    @Test
    void aRepeatedGrantIsOnlyConfirmed() {
        register();
        state.grant(FIRST, LEASE, TASK, now);

        assertThat(state.grant(FIRST, LEASE, TASK, now))
                .containsExactly(new Heartbeat(List.of(FIRST)));
    }

    @Test
    void aRepeatedGrantOfAFinishedTaskIsAnsweredWithItsResult() {
        finishFirst();

        assertThat(state.grant(FIRST, LEASE, TASK, now)).containsExactly(new Report(FIRST, DONE));
    }

    @Test
    void leasesAreRenewedAtAThirdOfThemAtTheLatest() {
        register();
        state.grant(FIRST, Duration.ofMillis(900), TASK, now);

        assertThat(after(299)).isEmpty();
        assertThat(after(1)).containsExactly(new Heartbeat(List.of(FIRST)));
    }

    @Test
    void resultsAreRepeatedUntilTheyAreSettled() {
        register();
        state.grant(FIRST, LEASE, TASK, now);

        assertThat(state.finished(FIRST, DONE, now))
                .containsExactly(new Report(FIRST, DONE), new Pull());
        assertThat(after(500)).contains(new Report(FIRST, DONE));
        assertThat(after(500)).doesNotContain(new Report(FIRST, DONE));
        assertThat(after(500)).contains(new Report(FIRST, DONE));

        assertThat(state.settled(FIRST)).isEmpty();

        assertThat(after(20_000)).doesNotContain(new Report(FIRST, DONE));
    }

    @Test
    void aFinishedTaskDoesNotKeepItsSlotUntilItIsSettled() {
        finishFirst();

        assertThat(state.grant(SECOND, LEASE, TASK, now)).contains(new Start(SECOND, TASK));
    }

    @Test
    void aSecondTaskWaitsForItsSlot() {
        register();
        state.grant(FIRST, LEASE, TASK, now);

        assertThat(state.grant(SECOND, LEASE, TASK, now))
                .containsExactly(new Heartbeat(List.of(FIRST, SECOND)));
        assertThat(state.finished(FIRST, DONE, now)).contains(new Start(SECOND, TASK));
    }

    @Test
    void moreThanMayWaitIsGivenBack() {
        register();
        state.grant(FIRST, LEASE, TASK, now);
        state.grant(SECOND, LEASE, TASK, now);

        assertThat(state.grant(THIRD, LEASE, TASK, now))
                .contains(new Report(THIRD, abandoned("no slot is free")));
    }

    @Test
    void aLowerTermIsNotListenedTo() {
        register();

        Refuse refused = new Refuse(2, 3);
        assertThat(state.grant(new Epoch(2, 9), LEASE, TASK, now)).containsExactly(refused);
        assertThat(state.registered(2, now)).containsExactly(refused);
        assertThat(state.unknown(2, now)).containsExactly(refused);
    }

    @Test
    void aRevokedTaskIsCancelledAndNotSpokenOf() {
        register();
        state.grant(FIRST, LEASE, TASK, now);

        assertThat(state.revoke(FIRST)).containsExactly(new Cancel(FIRST));

        assertThat(after(1000)).isEmpty();
        assertThat(state.finished(FIRST, abandoned("was called back"), now))
                .containsExactly(new Pull());
    }

    @Test
    void aTaskThatEndsBeforeItsRevocationArrivesIsDeleted() {
        finishFirst();

        assertThat(state.revoke(FIRST)).containsExactly(new Delete("/tmp/shard"));
        assertThat(after(20_000)).doesNotContain(new Report(FIRST, DONE));
    }

    @Test
    void aTaskThatEndsInSpiteOfItsRevocationIsDeleted() {
        register();
        state.grant(FIRST, LEASE, TASK, now);
        state.revoke(FIRST);

        assertThat(state.finished(FIRST, DONE, now)).contains(new Delete("/tmp/shard"));
    }

    @Test
    void aSettledResultIsKept() {
        finishFirst();

        assertThat(state.settled(FIRST)).isEmpty();
        assertThat(state.revoke(FIRST)).isEmpty();
    }

    @Test
    void whoSleepsThroughALeaseAbandonsItsTask() {
        register();
        state.grant(FIRST, LEASE, TASK, now);

        assertThat(after(LEASE.toMillis())).contains(new Cancel(FIRST));

        TaskOutcome called = abandoned("was called back");
        assertThat(state.finished(FIRST, called, now)).contains(new Report(FIRST, called));
    }

    @Test
    void workGoesOnWithoutAPoolAndIsReportedToTheNext() {
        register();
        state.grant(FIRST, LEASE, TASK, now);
        state.poolLost();
        for (int i = 0; i < 100; i++) {
            assertThat(after(1000)).doesNotContain(new Cancel(FIRST));
        }
        state.finished(FIRST, DONE, now);
        after(60_000);
        state.poolFound(now);

        assertThat(state.registered(4, now))
                .containsExactly(new Follow(), new Report(FIRST, DONE), new Pull());
    }

    @Test
    void aPoolThatDoesNotKnowTheWorkerIsToldOfEverythingAgain() {
        register();
        state.grant(FIRST, LEASE, TASK, now);

        assertThat(state.unknown(3, now))
                .containsExactly(new Register(Optional.empty(), List.of()));
        assertThat(state.registered(3, now))
                .containsExactly(new Follow(), new Heartbeat(List.of(FIRST)));
    }

    @Test
    void aLeavingWorkerGivesEverythingBack() {
        register();
        state.grant(FIRST, LEASE, TASK, now);
        state.grant(SECOND, LEASE, TASK, now);

        assertThat(state.leave(now))
                .containsExactly(
                        new Leave(),
                        new Cancel(FIRST),
                        new Report(SECOND, abandoned("the worker is leaving")));
        assertThat(state.isIdle()).isFalse();

        TaskOutcome called = abandoned("was called back");
        assertThat(state.finished(FIRST, called, now)).containsExactly(new Report(FIRST, called));
        assertThat(state.isIdle()).isTrue();
        assertThat(state.grant(THIRD, LEASE, TASK, now))
                .contains(new Report(THIRD, abandoned("the worker is leaving")));
    }

    @Test
    void stagesThatRunAreNamedAndPassedToTheSameStagesOfANewCoordinator() {
        register();
        state.grant(FIRST, LEASE, stages(0, 2), now);
        state.poolLost();
        assertThat(after(4_000)).doesNotContain(new Cancel(FIRST));
        assertThat(state.poolFound(now))
                .containsExactly(
                        new Register(
                                Optional.empty(),
                                List.of(new KeptStages(FIRST, "job", "00", 0, 2))));
        state.registered(4, now);
        Epoch next = new Epoch(4, 1);
        assertThat(state.grant(next, LEASE, stages(0, 2), now))
                .containsExactly(new Pass(FIRST, next, stages(0, 2)), new Heartbeat(List.of(next)));
        assertThat(state.revoke(FIRST)).isEmpty();
        assertThat(state.revoke(next)).containsExactly(new Cancel(next));
    }

    @Test
    void otherStagesWaitForThoseThatRun() {
        register();
        state.grant(FIRST, LEASE, stages(0, 2), now);
        assertThat(state.grant(SECOND, LEASE, stages(0, 2), now))
                .containsExactly(new Heartbeat(List.of(FIRST, SECOND)));
        state.settled(SECOND);
        state.registered(4, now);
        for (StageRef other : List.of(stages(1, 2), stages(0, 3))) {
            Epoch next = new Epoch(4, other.groups());
            assertThat(state.grant(next, LEASE, other, now))
                    .containsExactly(new Heartbeat(List.of(FIRST, next)));
            state.settled(next);
        }
    }

    private static StageRef stages(int group, int groups) {
        return new StageRef("job", "/plan", "00", group, groups, DRIVER);
    }

    private void register() {
        state.poolFound(now);
        state.registered(3, now);
    }

    private void finishFirst() {
        register();
        state.grant(FIRST, LEASE, TASK, now);
        state.finished(FIRST, DONE, now);
    }

    private List<AgentEffect> after(long millis) {
        now += Duration.ofMillis(millis).toNanos();
        return state.tick(now);
    }

    private static TaskOutcome abandoned(String why) {
        return new TaskOutcome.Undone(new TaskFailure(TaskFailure.Kind.ABANDONED, why));
    }
}
