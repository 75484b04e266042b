package io.accrete.coordinator.pool;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.TestInbox;
import akka.actor.typed.ActorRef;

import io.accrete.protocol.fixture.WorkerProfiles;
import io.accrete.protocol.job.WorkerDevice;
import io.accrete.protocol.wire.Epoch;
import io.accrete.protocol.wire.KeptStages;
import io.accrete.protocol.wire.LinkAddress;
import io.accrete.protocol.wire.PoolMessage;
import io.accrete.protocol.wire.StageAnswer;
import io.accrete.protocol.wire.StageRef;
import io.accrete.protocol.wire.WorkerMessage;
import io.accrete.protocol.wire.WorkerProfile;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/** Groups of stages, which are spread over processes and held until they are withdrawn. */
class PoolStagesTest {
    private static final ActorRef<StageAnswer> DRIVER =
            TestInbox.<StageAnswer>create("driver").getRef();

    // Not zero, and near the end of the range: nothing may compare instants as numbers.
    private long now = Long.MAX_VALUE - 5_000_000_000L;
    private final PoolState pool = new PoolState(7, PoolStateTest.LIMITS, now);

    private void register(String worker, long pid, String numericClass, boolean reached) {
        Optional<LinkAddress> link =
                reached ? Optional.of(new LinkAddress("h", 7)) : Optional.empty();
        pool.register(
                worker,
                WorkerProfiles.of(worker, "host", pid, 1, numericClass, link),
                Optional.empty(),
                List.of(),
                now);
        pool.pull(worker, now);
    }

    private static JobOffer offer(int groups) {
        return new JobOffer(
                "job",
                "/plan",
                "sha",
                new JobOffer.Kind.Stages(DRIVER),
                Optional.empty(),
                IntStream.range(0, groups)
                        .mapToObj(g -> new JobOffer.Task(g, "stage " + g, 0, true, Set.of()))
                        .toList());
    }

    private int hands() {
        return pool.hands("job", Optional.empty(), now).processes();
    }

    private List<Integer> granted(JobOffer offer) {
        return PoolStateTest.granted(pool.offer(offer, now)).stream()
                .map(grant -> ((StageRef) grant.task()).group())
                .toList();
    }

    @Test
    void groupsOfOneTrainingGoToDifferentProcesses() {
        register("a1", 1, "c", true);
        register("a2", 1, "c", true);
        assertThat(granted(offer(2))).containsExactly(0);
        register("b1", 2, "c", true);
        assertThat(pool.describe("job")).hasSize(2);
    }

    @Test
    void whoIsNotReachedHoldsATrainingAloneOrNotAtAll() {
        register("a", 1, "c", false);
        assertThat(granted(offer(2))).isEmpty();
        assertThat(granted(offer(1))).containsExactly(0);
    }

    @Test
    void processesThatAskOrHoldAreCounted() {
        assertThat(hands()).isZero();
        register("a1", 1, "c", true);
        register("a2", 1, "c", true);
        register("b1", 2, "c", true);
        register("d1", 3, "c", false);
        assertThat(hands()).isEqualTo(2);
        pool.offer(offer(2), now);
        assertThat(hands()).isEqualTo(2);
        pool.gone("b1", now);
        assertThat(hands()).isEqualTo(1);
    }

    @Test
    void processesOfTheJobsClassAreCountedOrElseOfTheMostUsual() {
        register("a", 1, "c", true);
        register("b", 2, "d", true);
        register("e", 3, "d", true);
        assertThat(hands()).isEqualTo(2);
        assertThat(pool.hands("job", Optional.of("c"), now).processes()).isEqualTo(1);
    }

    @Test
    void howLongNobodyHasComeOrGoneIsTold() {
        register("a", 1, "c", true);
        now += Duration.ofSeconds(3).toNanos();
        assertThat(pool.hands("job", Optional.empty(), now).settled())
                .isEqualTo(Duration.ofSeconds(3));
        pool.gone("a", now);
        assertThat(pool.hands("job", Optional.empty(), now).settled()).isZero();
    }

    /** Leases of workers a and b for a group of stages each. */
    private List<Epoch> grantedTwo() {
        register("a", 1, "c", true);
        register("b", 2, "c", true);
        return PoolStateTest.granted(pool.offer(offer(2), now)).stream()
                .map(grant -> grant.epoch())
                .toList();
    }

    @Test
    void whoIsSuspectedHasLittleTimeToSpeak() {
        List<Epoch> epochs = grantedTwo();
        assertThat(pool.suspect("job", List.of(), now)).isEmpty();
        now += Duration.ofSeconds(1).toNanos();
        pool.heartbeat("a", List.of(new PoolMessage.Running(epochs.getFirst(), 0)), now);
        assertThat(PoolStateTest.notices(pool.tick(now))).isEmpty();
        now += Duration.ofSeconds(2).toNanos();
        assertThat(PoolStateTest.notices(pool.tick(now)))
                .singleElement()
                .isInstanceOfSatisfying(
                        TaskNotice.StagesLost.class,
                        lost -> {
                            assertThat(lost.group()).isEqualTo(1);
                            assertThat(lost.lease()).isEqualTo(epochs.getLast());
                            assertThat(lost.why()).contains("worker b was silent");
                        });
    }

    @Test
    void whoIsKnownToBeGoneHasNone() {
        List<Epoch> epochs = grantedTwo();
        register("spare", 3, "c", true);
        List<PoolEffect> effects = pool.suspect("job", List.of(epochs.getLast()), now);
        assertThat(PoolStateTest.notices(effects))
                .containsExactly(
                        new TaskNotice.StagesLost(
                                1,
                                epochs.getLast(),
                                "worker b is gone: nobody listens where its stages were reached"));
        assertThat(revoked(effects)).as("in case that it lives").containsExactly(epochs.getLast());
        now += PoolStateTest.LIMITS.backOff().toNanos();
        assertThat(PoolStateTest.granted(pool.tick(now)))
                .extracting(grant -> ((StageRef) grant.task()).group())
                .containsExactly(1);
        assertThat(pool.describe("job"))
                .extracting(task -> task.worker())
                .containsExactlyInAnyOrder("a", "spare");
    }

    /** All in one process, which others reach. */
    private void registerOn(String worker, String device) {
        pool.register(
                worker,
                new WorkerProfile(
                        worker,
                        "host",
                        1,
                        1,
                        "c",
                        "1",
                        Optional.of(new LinkAddress("h", 7)),
                        new WorkerDevice(device, "", 1L << 37)),
                Optional.empty(),
                List.of(),
                now);
        pool.pull(worker, now);
    }

    @Test
    void eachGpuOfAProcessHoldsAGroupAndItsProcessorOne() {
        registerOn("a", "cuda:0");
        registerOn("b", "cuda:1");
        assertThat(hands()).isEqualTo(2);
        assertThat(PoolStateTest.sent(pool.offer(offer(2), now), WorkerMessage.Grant.class))
                .hasSize(2);
    }

    @Test
    void workersOnOneProcessorHoldOneGroup() {
        registerOn("a", "cpu");
        registerOn("b", "cpu");
        assertThat(hands()).isEqualTo(1);
        assertThat(PoolStateTest.sent(pool.offer(offer(2), now), WorkerMessage.Grant.class))
                .hasSize(1);
    }

    /** A worker that comes from another pool, busy with stages. */
    private List<PoolEffect> keeps(String worker, long pid, KeptStages... held) {
        return pool.register(
                worker,
                WorkerProfiles.of(
                        worker, "host", pid, 1, "c", Optional.of(new LinkAddress("h", 7))),
                Optional.empty(),
                List.of(held),
                now);
    }

    private static KeptStages kept(long counter, int group, int groups) {
        return new KeptStages(new Epoch(6, counter), "job", "sha", group, groups);
    }

    private List<Epoch> revoked(List<PoolEffect> effects) {
        return PoolStateTest.sent(effects, WorkerMessage.Revoke.class).stream()
                .map(WorkerMessage.Revoke::epoch)
                .toList();
    }

    private List<PoolEffect> beat(String worker, long counter) {
        return pool.heartbeat(
                worker, List.of(new PoolMessage.Running(new Epoch(6, counter), 0)), now);
    }

    @Test
    void stagesAreOfferedToThoseWhoHoldThem() {
        keeps("a", 1, kept(1, 1, 2));
        keeps("b", 2, kept(2, 0, 2));
        register("free", 3, "c", true);
        assertThat(pool.hands("job", Optional.empty(), now).kept())
                .isEqualTo(new TaskNotice.Kept(2, 2));
        assertThat(hands()).isEqualTo(3);
        assertThat(revoked(beat("a", 1))).isEmpty();
        List<PoolEffect> effects = pool.offer(offer(2), now);
        assertThat(revoked(effects)).isEmpty();
        assertThat(pool.describe("job"))
                .extracting(task -> task.worker() + task.file())
                .containsExactlyInAnyOrder("astage 1", "bstage 0");
    }

    @Test
    void whoComesLateStillGetsWhatItHolds() {
        pool.offer(offer(2), now);
        List<PoolEffect> effects = keeps("a", 1, kept(1, 1, 2));
        assertThat(PoolStateTest.granted(effects))
                .extracting(grant -> ((StageRef) grant.task()).group())
                .containsExactly(1);
    }

    @Test
    void stagesThatAreDividedOtherwiseAreCalledBack() {
        keeps("a", 1, kept(1, 0, 2));
        keeps("b", 2, kept(2, 1, 2));
        assertThat(revoked(pool.offer(offer(3), now)))
                .containsExactlyInAnyOrder(new Epoch(6, 1), new Epoch(6, 2));
        assertThat(revoked(beat("a", 1))).containsExactly(new Epoch(6, 1));
    }

    @Test
    void whatNobodyGoesOnWithIsCalledBack() {
        keeps("a", 1, kept(1, 0, 2));
        now += PoolStateTest.LIMITS.keep().toNanos() - 1;
        assertThat(revoked(pool.tick(now))).isEmpty();
        now++;
        assertThat(revoked(pool.tick(now))).containsExactly(new Epoch(6, 1));
        keeps("b", 2, kept(2, 1, 2));
        assertThat(revoked(pool.withdraw("job"))).containsExactly(new Epoch(6, 2));
    }

    @Test
    void onlyTheNewestDivisionCounts() {
        keeps("a", 1, kept(5, 0, 2), new KeptStages(new Epoch(5, 1), "job", "sha", 1, 2));
        assertThat(pool.hands("job", Optional.empty(), now).kept())
                .isEqualTo(new TaskNotice.Kept(1, 2));
        keeps("b", 2, kept(6, 1, 2), new KeptStages(new Epoch(7, 1), "job", "sha", 1, 2));
        assertThat(pool.hands("job", Optional.empty(), now).kept().isWhole()).isTrue();
    }
}
