package io.accrete.coordinator.pool;

import static io.accrete.coordinator.pool.PoolStateTest.failure;
import static io.accrete.coordinator.pool.PoolStateTest.granted;
import static io.accrete.coordinator.pool.PoolStateTest.notices;
import static io.accrete.coordinator.pool.PoolStateTest.offer;
import static io.accrete.coordinator.pool.PoolStateTest.receipt;
import static io.accrete.coordinator.pool.PoolStateTest.sent;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.protocol.fixture.WorkerProfiles;
import io.accrete.protocol.job.WorkerView;
import io.accrete.protocol.wire.Epoch;
import io.accrete.protocol.wire.PoolMessage.Running;
import io.accrete.protocol.wire.TaskFailure;
import io.accrete.protocol.wire.TaskFailure.Kind;
import io.accrete.protocol.wire.WorkerMessage;
import io.accrete.protocol.wire.WorkerProfile;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Who gets what, where there are several jobs, sick workers and slow ones. */
class PoolSharingTest {
    private long now = Long.MAX_VALUE - 5_000_000_000L;
    private final PoolState pool = new PoolState(7, PoolStateTest.LIMITS, now);

    @Test
    void jobsHaveTheSameShareWhicheverCameFirst() {
        pool.offer(offer("long", 100), now);
        pool.offer(offer("short", 2), now);
        register("w", 4);

        assertThat(granted(pool.pull("w", now)))
                .extracting(grant -> grant.task().job())
                .containsExactlyInAnyOrder("long", "short", "long", "short");
    }

    @Test
    void aWorkerGetsNoMoreThanIsAllowedWhateverItOffers() {
        pool.offer(offer("job", 100), now);
        register("w", 64);

        assertThat(granted(pool.pull("w", now))).hasSize(PoolStateTest.LIMITS.workerTasksMax());
    }

    @Test
    void aWorkerOnWhichThreeTasksFailedIsDrainedWithTheReason() {
        register("well", 1);
        register("sick", 1);
        pool.offer(offer("job", 100), now);
        failOn("sick", 2);
        assertThat(view("sick").leaving()).isFalse();

        List<PoolEffect> third = failOn("sick", 1);

        assertThat(sent(third, WorkerMessage.Drain.class)).hasSize(1);
        assertThat(view("sick").leaving()).isTrue();
        assertThat(view("sick").reason()).get().asString().contains("3 different tasks", "why");
        assertThat(pool.counters().drained()).isEqualTo(1);
        pass(Duration.ofMinutes(1));
        assertThat(granted(pool.pull("well", now))).isNotEmpty();
        assertThat(granted(pool.pull("sick", now))).isEmpty();
    }

    @Test
    void aTaskThatWasDoneWipesTheSlate() {
        register("well", 1);
        register("sick", 1);
        pool.offer(offer("job", 100), now);
        failOn("sick", 2);
        WorkerMessage.Grant good = one("sick");
        pool.completed("sick", good.epoch(), receipt(0), now);
        pool.settle(good.epoch(), now);
        failOn("sick", 2);

        assertThat(view("sick").leaving()).isFalse();
    }

    @Test
    void theLastWorkerIsNotDrained() {
        register("sick", 1);
        pool.offer(offer("job", 100), now);
        failOn("sick", 5);

        assertThat(view("sick").leaving()).isFalse();
    }

    @Test
    void aFailingWorkerWaitsLongerEachTime() {
        register("well", 1);
        register("sick", 1);
        pool.offer(offer("job", 100), now);
        failOn("sick", 2);

        pass(Duration.ofMillis(1_900));
        assertThat(granted(pool.pull("sick", now))).isEmpty();
        pass(Duration.ofMillis(100));
        assertThat(granted(pool.tick(now))).hasSize(1);
    }

    @Test
    void aDrainedWorkerIsToldAgainUntilItAsksForNothing() {
        register("w", 1);
        assertThat(sent(pool.drain("w", "enough"), WorkerMessage.Drain.class)).hasSize(1);
        pool.offer(offer("job", 1), now);

        List<PoolEffect> effects = pool.pull("w", now);

        assertThat(granted(effects)).isEmpty();
        assertThat(sent(effects, WorkerMessage.Drain.class)).hasSize(1);
        assertThat(pool.drain("nobody", "enough")).isEmpty();
    }

    @Test
    void aJobThatNobodyWorksOnSaysWhy() {
        pool.offer(offer("job", 1), now);
        assertThat(pool.waiting("job", now)).hasValue("waits for a worker: none is there");
        assertThat(pool.waiting("none", now)).isEmpty();

        register("w", 1);
        assertThat(pool.waiting("job", now)).isEmpty();
        pool.drain("w", "enough");
        assertThat(pool.waiting("job", now))
                .hasValue("waits for a worker: those that are there (1) are drained or silent");
        register("v", 1);
        one("v");
        assertThat(pool.waiting("job", now)).as("somebody works").isEmpty();
    }

    @Test
    void theNextPoolHearsThatAWorkerIsDrained() {
        pool.register("w", profile("w", 1), Optional.of("enough"), List.of(), now);
        pool.offer(offer("job", 1), now);

        assertThat(granted(pool.pull("w", now))).isEmpty();
        assertThat(view("w").reason()).contains("enough");
    }

    @Test
    void aTaskForWhichOneDiskIsFullGoesElsewhere() {
        register("full", 1);
        register("roomy", 1);
        pool.offer(offer("job", 1), now);
        WorkerMessage.Grant first = one("full");

        assertThat(notices(pool.failed("full", first.epoch(), failure(Kind.DISK_FULL), now)))
                .isEmpty();
        assertThat(granted(pool.pull("roomy", now))).hasSize(1);
    }

    /** One that is drained gets nothing more, and so is not waited for. */
    @Test
    void aTaskForWhichTheLastDiskIsFullIsGivenUp() {
        register("drained", 1);
        register("full", 1);
        pool.drain("drained", "enough");
        pool.offer(offer("job", 1), now);
        WorkerMessage.Grant only = one("full");

        assertThat(notices(pool.failed("full", only.epoch(), failure(Kind.DISK_FULL), now)))
                .singleElement()
                .isInstanceOf(TaskNotice.GivenUp.class);
    }

    @Test
    void aWorkerThatSeesOtherFilesIsLeftOutOfTheJobOnly() {
        register("blind", 1);
        register("well", 1);
        pool.offer(offer("job", 1), now);
        WorkerMessage.Grant first = one("blind");
        TaskFailure changed = failure(Kind.SOURCE_CHANGED);
        assertThat(notices(pool.failed("blind", first.epoch(), changed, now)))
                .containsExactly(new TaskNotice.GivenUp(0, "s0", changed, "blind", 0));

        TaskFailure other = new TaskFailure(Kind.UNABLE, "sees other files");
        pool.leaveOut("job", 0, "blind", other, now);

        assertThat(granted(pool.pull("blind", now))).isEmpty();
        assertThat(granted(pool.pull("well", now))).hasSize(1);
        assertThat(view("blind").leaving()).isFalse();
        assertThat(view("blind").reason()).contains("sees other files");
        assertThat(granted(pool.offer(offer("another", 1), now))).hasSize(1);
    }

    @Test
    void aTaskThatNobodyCanDoIsGivenUpWithTheReason() {
        register("blind", 1);
        pool.offer(offer("job", 1), now);
        pool.failed("blind", one("blind").epoch(), failure(Kind.SOURCE_CHANGED), now);

        TaskFailure other = new TaskFailure(Kind.UNABLE, "sees other files");

        assertThat(notices(pool.leaveOut("job", 0, "blind", other, now)))
                .containsExactly(new TaskNotice.GivenUp(0, "s0", other, "blind", 0));
    }

    @Test
    void aStragglingLastTaskIsGivenToASecondWorkerAndTheFasterOneCounts() {
        Epoch slow = straggle();
        WorkerMessage.Grant second = one("fast");
        assertThat(second.epoch()).isGreaterThan(slow);
        assertThat(pool.counters().doubled()).isEqualTo(1);
        assertThat(granted(pool.pull("idle", now))).as("at most two").isEmpty();

        assertThat(notices(pool.completed("fast", second.epoch(), receipt(1), now))).hasSize(1);
        assertThat(notices(pool.completed("slow", slow, receipt(1), now)))
                .as("it waits for what becomes of the first")
                .isEmpty();
        List<PoolEffect> settled = pool.settle(second.epoch(), now);

        assertThat(sent(settled, WorkerMessage.Revoke.class))
                .extracting(WorkerMessage.Revoke::epoch)
                .containsExactly(slow);
        assertThat(notices(pool.completed("slow", slow, receipt(1), now))).isEmpty();
        assertThat(pool.counters().settled()).isEqualTo(2);
    }

    @Test
    void theSlowOneCountsWhereTheSecondFails() {
        Epoch slow = straggle();
        WorkerMessage.Grant second = one("fast");
        assertThat(notices(pool.failed("fast", second.epoch(), failure(Kind.IO), now))).isEmpty();

        assertThat(notices(pool.completed("slow", slow, receipt(1), now))).hasSize(1);
        pool.settle(slow, now);

        assertThat(pool.describe("job")).isEmpty();
    }

    @Test
    void aTaskIsNotGivenTwiceToWorkersOfOneProcess() {
        straggle();
        pool.register(
                "sibling",
                WorkerProfiles.of("sibling", "slow", 1, "c"),
                Optional.empty(),
                List.of(),
                now);

        assertThat(granted(pool.pull("sibling", now))).isEmpty();
    }

    /** Of two tasks one took a second; the other one takes much longer. */
    private Epoch straggle() {
        register("slow", 1);
        register("fast", 1);
        register("idle", 1);
        pool.offer(offer("job", 2), now);
        Epoch slow = one("slow").epoch();
        Epoch done = one("fast").epoch();
        pass(Duration.ofSeconds(1));
        pool.completed("fast", done, receipt(0), now);
        pool.settle(done, now);
        assertThat(granted(pool.pull("fast", now))).as("too early").isEmpty();
        pass(Duration.ofSeconds(3));
        pool.heartbeat("slow", List.of(new Running(slow, 1)), now);
        assertThat(granted(pool.tick(now))).as("still too early").isEmpty();
        pass(Duration.ofSeconds(3));
        pool.heartbeat("slow", List.of(new Running(slow, 1)), now);
        return slow;
    }

    private List<PoolEffect> failOn(String worker, int times) {
        List<PoolEffect> effects = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            effects.addAll(pool.failed(worker, one(worker).epoch(), failure(Kind.IO), now));
        }
        return effects;
    }

    /** The next task of the worker, however long it has to wait. */
    private WorkerMessage.Grant one(String worker) {
        List<WorkerMessage.Grant> grants = granted(pool.pull(worker, now));
        for (int i = 0; grants.isEmpty() && i < 20; i++) {
            pass(Duration.ofMillis(500));
            grants = granted(pool.tick(now));
        }
        return grants.getFirst();
    }

    private WorkerView view(String worker) {
        return pool.workers(now).stream()
                .filter(one -> one.worker().equals(worker))
                .findFirst()
                .orElseThrow();
    }

    private void pass(Duration time) {
        now += time.toNanos();
    }

    private void register(String worker, int slots) {
        pool.register(worker, profile(worker, slots), Optional.empty(), List.of(), now);
    }

    /** Each in a process of its own. */
    private static WorkerProfile profile(String worker, int slots) {
        return WorkerProfiles.of(worker, worker, slots, "c");
    }
}
