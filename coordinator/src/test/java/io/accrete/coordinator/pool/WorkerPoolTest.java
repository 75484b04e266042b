package io.accrete.coordinator.pool;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import akka.actor.typed.receptionist.Receptionist;

import io.accrete.protocol.fixture.WorkerProfiles;
import io.accrete.protocol.merge.CopiedBytes;
import io.accrete.protocol.wire.Epoch;
import io.accrete.protocol.wire.PoolMessage;
import io.accrete.protocol.wire.ServiceKeys;
import io.accrete.protocol.wire.WorkerMessage;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

class WorkerPoolTest {
    private static final PoolLimits PATIENT =
            new PoolLimits(
                    Duration.ofHours(1),
                    Duration.ofSeconds(3),
                    5,
                    Duration.ZERO,
                    Duration.ZERO,
                    Duration.ofHours(1),
                    Duration.ofHours(1),
                    Duration.ofHours(1),
                    4,
                    3,
                    new PoolLimits.Straggler(0, Duration.ZERO));

    private final ActorTestKit kit = ActorTestKit.create();
    private final ActorRef<WorkerPool.Command> pool =
            kit.spawn(WorkerPool.create(2, PATIENT, Duration.ofMillis(50), System::nanoTime));
    private final TestProbe<TaskNotice> driver = kit.createTestProbe();

    @AfterEach
    void shutDown() {
        kit.shutdownTestKit();
    }

    @Test
    void aWorkerThatDiesIsMissedThoughItsFirstMessageWasAResult() {
        ActorRef<PoolMessage> front = front();
        TestProbe<WorkerMessage> mortal = kit.createTestProbe();
        TestProbe<WorkerMessage> other = kit.createTestProbe();

        front.tell(
                new PoolMessage.Completed(
                        mortal.getRef(), new Epoch(1, 9), PoolStateTest.receipt(0)));
        assertThat(mortal.expectMessageClass(WorkerMessage.Unknown.class).term()).isEqualTo(2);
        mortal.expectMessageClass(WorkerMessage.Revoke.class);
        mortal.expectMessageClass(WorkerMessage.Settled.class);
        register(front, mortal, "mortal");
        offer();
        front.tell(new PoolMessage.Pull(mortal.getRef()));
        mortal.expectMessageClass(WorkerMessage.Grant.class);
        register(front, other, "other");
        front.tell(new PoolMessage.Pull(other.getRef()));

        mortal.stop();

        assertThat(other.expectMessageClass(WorkerMessage.Grant.class).epoch())
                .isEqualTo(new Epoch(2, 2));
    }

    @Test
    void aResultGoesToTheDriverAndItsAnswerToTheWorker() {
        ActorRef<PoolMessage> front = front();
        TestProbe<WorkerMessage> worker = kit.createTestProbe();
        register(front, worker, "w");
        offer();
        front.tell(new PoolMessage.Pull(worker.getRef()));
        Epoch epoch = worker.expectMessageClass(WorkerMessage.Grant.class).epoch();

        front.tell(new PoolMessage.Completed(worker.getRef(), epoch, PoolStateTest.receipt(0)));
        assertThat(driver.expectMessageClass(TaskNotice.Finished.class).epoch()).isEqualTo(epoch);
        worker.expectNoMessage(Duration.ofMillis(100));
        pool.tell(new WorkerPool.Settle(epoch));

        assertThat(worker.expectMessageClass(WorkerMessage.Settled.class).epoch()).isEqualTo(epoch);
    }

    @Test
    void onlyTheDriverThatOfferedLastMayWithdraw() {
        ActorRef<PoolMessage> front = front();
        TestProbe<WorkerMessage> worker = kit.createTestProbe();
        TestProbe<TaskNotice> earlier = kit.createTestProbe();
        register(front, worker, "w");
        offer();
        front.tell(new PoolMessage.Pull(worker.getRef()));
        worker.expectMessageClass(WorkerMessage.Grant.class);

        pool.tell(new WorkerPool.Withdraw("job", earlier.getRef()));
        worker.expectNoMessage(Duration.ofMillis(100));
        pool.tell(new WorkerPool.Withdraw("job", driver.getRef()));

        worker.expectMessageClass(WorkerMessage.Revoke.class);
    }

    private void offer() {
        JobOffer offer =
                new JobOffer(
                        "job",
                        "/p",
                        "x",
                        new JobOffer.Kind.Shards("/tmp", CopiedBytes.MOVED),
                        Optional.empty(),
                        List.of(new JobOffer.Task(0, "s", 10, false, Set.of())));
        pool.tell(new WorkerPool.Offer(offer, driver.getRef()));
    }

    private static void register(
            ActorRef<PoolMessage> front, TestProbe<WorkerMessage> worker, String name) {
        front.tell(
                new PoolMessage.Register(
                        WorkerProfiles.of(name, "h", 1, "c"),
                        worker.getRef(),
                        Optional.empty(),
                        List.of()));
        worker.expectMessageClass(WorkerMessage.Registered.class);
    }

    private ActorRef<PoolMessage> front() {
        TestProbe<Receptionist.Listing> listings = kit.createTestProbe();
        kit.system()
                .receptionist()
                .tell(Receptionist.subscribe(ServiceKeys.POOL, listings.getRef()));
        while (true) {
            Set<ActorRef<PoolMessage>> found =
                    listings.expectMessageClass(Receptionist.Listing.class)
                            .getServiceInstances(ServiceKeys.POOL);
            if (!found.isEmpty()) {
                return found.iterator().next();
            }
        }
    }
}
