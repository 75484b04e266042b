package io.accrete.coordinator.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.protocol.fixture.WorkerProfiles;
import io.accrete.protocol.merge.CopiedBytes;
import io.accrete.protocol.merge.ShardReceipt;
import io.accrete.protocol.wire.Epoch;
import io.accrete.protocol.wire.PoolMessage;
import io.accrete.protocol.wire.TaskFailure;
import io.accrete.protocol.wire.TaskRef;
import io.accrete.protocol.wire.WorkerMessage;
import io.accrete.protocol.wire.WorkerProfile;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

class PoolStateTest {
    static final PoolLimits LIMITS =
            new PoolLimits(
                    Duration.ofSeconds(9),
                    Duration.ofSeconds(3),
                    3,
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(4),
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(30),
                    Duration.ofMinutes(5),
                    4,
                    3,
                    new PoolLimits.Straggler(2, Duration.ofSeconds(5)));

    // Not zero, and near the end of the range: nothing may compare instants as numbers.
    private long now = Long.MAX_VALUE - 5_000_000_000L;
    private final PoolState pool = new PoolState(7, LIMITS, now);

    @Test
    void aRepeatedPullGetsTheSameLease() {
        register("w", 1);
        pool.offer(offer("job", 3), now);

        Epoch first = granted(pool.pull("w", now)).getFirst().epoch();
        List<WorkerMessage.Grant> again = granted(pool.pull("w", now));

        assertThat(again).extracting(WorkerMessage.Grant::epoch).containsExactly(first);
        assertThat(pool.describe("job")).hasSize(1);
    }

    @Test
    void aPullBeforeThereIsWorkIsRemembered() {
        register("w", 1);
        assertThat(granted(pool.pull("w", now))).isEmpty();

        assertThat(granted(pool.offer(offer("job", 3), now))).hasSize(1);
    }

    @Test
    void oneLeaseForEachSlot() {
        register("w", 2);
        pool.offer(offer("job", 5), now);

        assertThat(granted(pool.pull("w", now))).hasSize(2);
        assertThat(pool.describe("job")).hasSize(2);
    }

    @Test
    void theTargetCarriesTheEpoch() {
        register("w", 1);
        pool.offer(offer("job", 1), now);

        WorkerMessage.Grant grant = granted(pool.pull("w", now)).getFirst();

        assertThat(grant.epoch()).isEqualTo(new Epoch(7, 1));
        assertThat(((TaskRef) grant.task()).target()).isEqualTo("/tmp/s0.7-1");
        assertThat(grant.lease()).isEqualTo(LIMITS.lease());
    }

    @Test
    void aSilentWorkerLosesItsTaskAndItsLateResultIsRefused() {
        register("w", 1);
        pool.offer(offer("job", 1), now);
        Epoch epoch = granted(pool.pull("w", now)).getFirst().epoch();

        pass(Duration.ofSeconds(8));
        assertThat(pool.tick(now)).isEmpty();
        pass(Duration.ofSeconds(1));
        assertThat(sent(pool.tick(now), WorkerMessage.Revoke.class)).hasSize(1);

        List<PoolEffect> late = pool.completed("w", epoch, receipt(0), now);
        assertThat(notices(late)).isEmpty();
        assertThat(sent(late, WorkerMessage.Settled.class)).hasSize(1);
        assertThat(pool.counters().refused()).isEqualTo(1);
        assertThat(pool.counters().expired()).isEqualTo(1);
    }

    @Test
    void heartbeatsRenewALease() {
        register("w", 1);
        pool.offer(offer("job", 1), now);
        Epoch epoch = granted(pool.pull("w", now)).getFirst().epoch();

        for (int beat = 0; beat < 5; beat++) {
            pass(Duration.ofSeconds(8));
            pool.heartbeat("w", List.of(new PoolMessage.Running(epoch, beat)), now);
            assertThat(pool.tick(now)).isEmpty();
        }
        assertThat(pool.describe("job").getFirst().bytesDone()).isEqualTo(4);
        assertThat(notices(pool.completed("w", epoch, receipt(0), now))).hasSize(1);
    }

    @Test
    void pullingAloneDoesNotKeepATask() {
        register("w", 1);
        pool.offer(offer("job", 1), now);
        pool.pull("w", now);
        pass(Duration.ofSeconds(8));
        pool.pull("w", now);
        pass(Duration.ofSeconds(1));

        pool.tick(now);

        assertThat(pool.counters().expired()).isEqualTo(1);
    }

    @Test
    void aFinishedTaskDoesNotExpireWhileItIsBeingTaken() {
        register("w", 1);
        pool.offer(offer("job", 1), now);
        Epoch epoch = granted(pool.pull("w", now)).getFirst().epoch();
        pool.completed("w", epoch, receipt(0), now);

        pass(Duration.ofMinutes(1));
        assertThat(pool.tick(now)).isEmpty();

        assertThat(sent(pool.settle(epoch, now), WorkerMessage.Settled.class)).hasSize(1);
    }

    @Test
    void aResultThatIsSentAgainIsTakenOnce() {
        register("w", 1);
        pool.offer(offer("job", 1), now);
        Epoch epoch = granted(pool.pull("w", now)).getFirst().epoch();

        assertThat(notices(pool.completed("w", epoch, receipt(0), now))).hasSize(1);
        assertThat(pool.completed("w", epoch, receipt(0), now)).isEmpty();
        pool.settle(epoch, now);
        List<PoolEffect> third = pool.completed("w", epoch, receipt(0), now);

        assertThat(notices(third)).isEmpty();
        assertThat(sent(third, WorkerMessage.Settled.class)).hasSize(1);
        assertThat(sent(third, WorkerMessage.Revoke.class)).isEmpty();
        assertThat(pool.counters().refused()).isZero();
    }

    @Test
    void anEpochOfAnEarlierTermIsRefused() {
        register("w", 1);
        pool.offer(offer("job", 1), now);
        pool.pull("w", now);

        List<PoolEffect> effects = pool.completed("w", new Epoch(6, 1), receipt(0), now);

        assertThat(notices(effects)).isEmpty();
        assertThat(pool.counters().refused()).isEqualTo(1);
    }

    @Test
    void aResultUnderAnothersLeaseIsRefused() {
        register("w", 1);
        register("v", 1);
        pool.offer(offer("job", 1), now);
        Epoch epoch = granted(pool.pull("w", now)).getFirst().epoch();

        assertThat(notices(pool.completed("v", epoch, receipt(0), now))).isEmpty();
        assertThat(notices(pool.completed("w", epoch, receipt(0), now))).hasSize(1);
    }

    @Test
    void whoeverIsNotKnownIsAskedToRegister() {
        assertThat(pool.pull("w", now)).containsExactly(new PoolEffect.AskToRegister("w"));
        assertThat(pool.heartbeat("w", List.of(), now))
                .containsExactly(new PoolEffect.AskToRegister("w"));
        assertThat(pool.completed("w", new Epoch(7, 1), receipt(0), now))
                .contains(new PoolEffect.AskToRegister("w"));
    }

    @Test
    void aNewIncarnationTakesTheNameAndFreesTheTasksOfTheOld() {
        pool.register("w#1", profile("w", 1, "c"), Optional.empty(), List.of(), now);
        pool.offer(offer("job", 1), now);
        Epoch old = granted(pool.pull("w#1", now)).getFirst().epoch();

        pool.register("w#2", profile("w", 1, "c"), Optional.empty(), List.of(), now);
        pass(Duration.ofSeconds(1));
        Epoch fresh = granted(pool.pull("w#2", now)).getFirst().epoch();

        assertThat(fresh).isGreaterThan(old);
        assertThat(notices(pool.completed("w#1", old, receipt(0), now))).isEmpty();
    }

    @Test
    void aFailedTaskWaitsLongerEachTimeAndIsGivenUp() {
        register("w", 1);
        pool.offer(offer("job", 1), now);

        Epoch first = granted(pool.pull("w", now)).getFirst().epoch();
        pool.failed("w", first, failure(TaskFailure.Kind.IO), now);
        assertThat(granted(pool.pull("w", now))).isEmpty();
        pass(Duration.ofSeconds(1));
        Epoch second = granted(pool.tick(now)).getFirst().epoch();
        pool.failed("w", second, failure(TaskFailure.Kind.IO), now);
        pool.pull("w", now);
        pass(Duration.ofSeconds(1));
        assertThat(granted(pool.tick(now))).isEmpty();
        pass(Duration.ofSeconds(1));
        Epoch third = granted(pool.tick(now)).getFirst().epoch();

        List<TaskNotice> end = notices(pool.failed("w", third, failure(TaskFailure.Kind.IO), now));
        assertThat(end)
                .containsExactly(
                        new TaskNotice.GivenUp(0, "s0", failure(TaskFailure.Kind.IO), "w", 3));
        pool.pull("w", now);
        pass(Duration.ofMinutes(1));
        assertThat(granted(pool.tick(now))).isEmpty();
    }

    @Test
    void aTaskThatFailedOnAWorkerGoesToAnother() {
        register("sick", 1);
        register("well", 1);
        pool.offer(offer("job", 1), now);
        Epoch epoch = granted(pool.pull("sick", now)).getFirst().epoch();
        pool.failed("sick", epoch, failure(TaskFailure.Kind.IO), now);

        pass(Duration.ofSeconds(2));
        assertThat(granted(pool.pull("sick", now))).isEmpty();
        assertThat(granted(pool.pull("well", now))).hasSize(1);
    }

    @Test
    void anAbandonedTaskIsTriedAgainAtOnceAndAsOftenAsNeeded() {
        register("w", 1);
        pool.offer(offer("job", 1), now);
        for (int i = 0; i < 10; i++) {
            Epoch epoch = granted(pool.pull("w", now)).getFirst().epoch();
            pool.failed("w", epoch, failure(TaskFailure.Kind.ABANDONED), now);
        }
        assertThat(granted(pool.pull("w", now))).hasSize(1);
    }

    @Test
    void aFullDiskIsNotTriedAgain() {
        register("w", 1);
        pool.offer(offer("job", 1), now);
        Epoch epoch = granted(pool.pull("w", now)).getFirst().epoch();

        assertThat(notices(pool.failed("w", epoch, failure(TaskFailure.Kind.DISK_FULL), now)))
                .hasSize(1);
        assertThat(granted(pool.pull("w", now))).isEmpty();
    }

    @Test
    void aWorkerThatLeavesGetsNothingMore() {
        register("w", 1);
        pool.leaving("w", now);
        pool.offer(offer("job", 1), now);

        assertThat(granted(pool.pull("w", now))).isEmpty();
    }

    @Test
    void aWithdrawnJobCallsItsTasksBack() {
        register("w", 1);
        pool.offer(offer("job", 2), now);
        Epoch epoch = granted(pool.pull("w", now)).getFirst().epoch();

        assertThat(sent(pool.withdraw("job"), WorkerMessage.Revoke.class))
                .extracting(WorkerMessage.Revoke::epoch)
                .containsExactly(epoch);
        assertThat(granted(pool.pull("w", now))).isEmpty();
        assertThat(notices(pool.completed("w", epoch, receipt(0), now))).isEmpty();
    }

    @Test
    void computedTasksOfAJobStayInOneClass() {
        pool.register("a", profile("a", 1, "avx2"), Optional.empty(), List.of(), now);
        pool.register("b", profile("b", 1, "avx512"), Optional.empty(), List.of(), now);
        pool.offer(offer("job", true, 2), now);

        assertThat(granted(pool.pull("a", now))).hasSize(1);
        assertThat(granted(pool.pull("b", now))).isEmpty();
    }

    @Test
    void aClassThatHasComputedNothingIsForgotten() {
        pool.register("a", profile("a", 1, "avx2"), Optional.empty(), List.of(), now);
        pool.register("b", profile("b", 1, "avx512"), Optional.empty(), List.of(), now);
        pool.offer(offer("job", true, 1), now);
        Epoch epoch = granted(pool.pull("a", now)).getFirst().epoch();

        pool.failed("a", epoch, failure(TaskFailure.Kind.ABANDONED), now);

        assertThat(granted(pool.pull("b", now))).hasSize(1);
    }

    @Test
    void aJobWhoseClassDoesNotComeIsTold() {
        register("w", 1);
        JobOffer plain = offer("job", true, 1);
        pool.offer(
                new JobOffer(
                        plain.job(),
                        plain.plan(),
                        plain.planSha256(),
                        plain.kind(),
                        Optional.of("elsewhere"),
                        plain.tasks()),
                now);

        assertThat(notices(pool.tick(now))).isEmpty();
        pass(Duration.ofSeconds(10));
        assertThat(notices(pool.tick(now)))
                .containsExactly(new TaskNotice.ClassMissing("elsewhere"));
    }

    @Test
    void aWorkerPrefersFilesThatItHasRead() {
        register("w", 1);
        List<JobOffer.Task> tasks =
                List.of(
                        new JobOffer.Task(0, "s0", 10, false, Set.of(5)),
                        new JobOffer.Task(1, "s1", 10, false, Set.of(6)),
                        new JobOffer.Task(2, "s2", 10, false, Set.of(5)));
        pool.offer(
                new JobOffer(
                        "job",
                        "/p",
                        "x",
                        new JobOffer.Kind.Shards("/tmp", CopiedBytes.MOVED),
                        Optional.empty(),
                        tasks),
                now);
        WorkerMessage.Grant first = granted(pool.pull("w", now)).getFirst();
        assertThat(((TaskRef) first.task()).shard()).isZero();
        pool.completed("w", first.epoch(), receipt(0), now);

        assertThat(((TaskRef) granted(pool.pull("w", now)).getFirst().task()).shard()).isEqualTo(2);
    }

    private void pass(Duration time) {
        now += time.toNanos();
    }

    private void register(String worker, int slots) {
        assertThat(
                        pool.register(
                                worker,
                                profile(worker, slots, "c"),
                                Optional.empty(),
                                List.of(),
                                now))
                .containsExactly(new PoolEffect.Welcome(worker));
    }

    static WorkerProfile profile(String worker, int slots, String numericClass) {
        return WorkerProfiles.of(worker, "host", slots, numericClass);
    }

    static JobOffer offer(String job, int tasks) {
        return offer(job, false, tasks);
    }

    static JobOffer offer(String job, boolean computed, int tasks) {
        return new JobOffer(
                job,
                "/plan",
                "sha",
                new JobOffer.Kind.Shards("/tmp", CopiedBytes.MOVED),
                Optional.empty(),
                IntStream.range(0, tasks)
                        .mapToObj(i -> new JobOffer.Task(i, "s" + i, 10, computed, Set.of(i)))
                        .toList());
    }

    static ShardReceipt receipt(int shard) {
        return new ShardReceipt(
                shard, 10, "h", List.of(), List.of(), List.of(), ShardReceipt.Moved.NONE);
    }

    static TaskFailure failure(TaskFailure.Kind kind) {
        return new TaskFailure(kind, "why");
    }

    static List<WorkerMessage.Grant> granted(List<PoolEffect> effects) {
        return sent(effects, WorkerMessage.Grant.class);
    }

    static <T extends WorkerMessage> List<T> sent(List<PoolEffect> effects, Class<T> type) {
        List<T> found = new ArrayList<>();
        for (PoolEffect effect : effects) {
            if (effect instanceof PoolEffect.Send(String to, WorkerMessage message)
                    && type.isInstance(message)) {
                found.add(type.cast(message));
            }
        }
        return found;
    }

    static List<TaskNotice> notices(List<PoolEffect> effects) {
        List<TaskNotice> found = new ArrayList<>();
        for (PoolEffect effect : effects) {
            if (effect instanceof PoolEffect.Notify(String job, TaskNotice notice)) {
                found.add(notice);
            }
        }
        return found;
    }
}
