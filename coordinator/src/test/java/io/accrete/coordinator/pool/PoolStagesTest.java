package io.accrete.coordinator.pool;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.TestInbox;
import akka.actor.typed.ActorRef;

import io.accrete.protocol.wire.Epoch;
import io.accrete.protocol.wire.LinkAddress;
import io.accrete.protocol.wire.PoolMessage;
import io.accrete.protocol.wire.StageAnswer;
import io.accrete.protocol.wire.StageRef;
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
    private final PoolState pool = new PoolState(7, PoolStateTest.LIMITS);

    private void register(String worker, long pid, String numericClass, boolean reached) {
        Optional<LinkAddress> link =
                reached ? Optional.of(new LinkAddress("h", 7)) : Optional.empty();
        pool.register(
                worker,
                new WorkerProfile(worker, "host", pid, 1, numericClass, "1", link),
                Optional.empty(),
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

    @Test
    void whoIsSuspectedHasLittleTimeToSpeak() {
        register("a", 1, "c", true);
        register("b", 2, "c", true);
        List<Epoch> epochs =
                PoolStateTest.granted(pool.offer(offer(2), now)).stream()
                        .map(grant -> grant.epoch())
                        .toList();
        pool.suspect("job", now);
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
}
