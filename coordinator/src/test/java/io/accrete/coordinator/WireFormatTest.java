package io.accrete.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;

import io.accrete.protocol.merge.CopiedBytes;
import io.accrete.protocol.merge.ShardReceipt;
import io.accrete.protocol.wire.Epoch;
import io.accrete.protocol.wire.PoolMessage;
import io.accrete.protocol.wire.TaskFailure;
import io.accrete.protocol.wire.TaskRef;
import io.accrete.protocol.wire.Wire;
import io.accrete.protocol.wire.WorkerMessage;
import io.accrete.protocol.wire.WorkerProfile;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

class WireFormatTest {
    private static final ActorTestKit KIT = ActorTestKit.create();

    @AfterAll
    static void shutDown() {
        KIT.shutdownTestKit();
    }

    @Test
    void everyMessageComesOutAsItWentIn() {
        for (Wire message : messages()) {
            assertThat(KIT.serializationTestKit().verifySerialization(message, true))
                    .isEqualTo(message);
        }
    }

    @Test
    void everyMessageHasAnExample() {
        Set<Class<?>> examples =
                messages().stream().map(Wire::getClass).collect(Collectors.toSet());
        assertThat(examples)
                .containsExactlyInAnyOrderElementsOf(
                        Stream.of(PoolMessage.class, WorkerMessage.class)
                                .flatMap(group -> Arrays.stream(group.getPermittedSubclasses()))
                                .collect(Collectors.<Class<?>>toSet()));
    }

    private static List<Wire> messages() {
        ActorRef<WorkerMessage> worker = worker();
        ActorRef<PoolMessage> pool = pool();
        Epoch epoch = new Epoch(3, 17);
        ShardReceipt receipt =
                new ShardReceipt(
                        4,
                        1_000,
                        "aa",
                        List.of(new ShardReceipt.TensorDigest(0, "bb")),
                        List.of(new ShardReceipt.TensorDigest(1, "cc")),
                        List.of(new ShardReceipt.NonFinite("t", 1, 2)),
                        new ShardReceipt.Moved(1, 2, 3));
        return List.of(
                new PoolMessage.Register(
                        new WorkerProfile("w", "host", 12, 2, "avx2", "0.1"), worker),
                new PoolMessage.Pull(worker),
                new PoolMessage.Heartbeat(worker, List.of(new PoolMessage.Running(epoch, 5))),
                new PoolMessage.Completed(worker, epoch, receipt),
                new PoolMessage.Failed(
                        worker, epoch, new TaskFailure(TaskFailure.Kind.DISK_FULL, "full")),
                new PoolMessage.Leaving(worker),
                new WorkerMessage.Registered(3, pool),
                new WorkerMessage.Unknown(3, pool),
                new WorkerMessage.Grant(
                        epoch,
                        Duration.ofSeconds(15),
                        new TaskRef(
                                "j", "/plan.json", "cc", 4, "/tmp/s.3-17", CopiedBytes.SCANNED)),
                new WorkerMessage.Settled(epoch),
                new WorkerMessage.Revoke(epoch, "why"));
    }

    private static ActorRef<WorkerMessage> worker() {
        TestProbe<WorkerMessage> probe = KIT.createTestProbe("worker", WorkerMessage.class);
        return probe.getRef();
    }

    private static ActorRef<PoolMessage> pool() {
        TestProbe<PoolMessage> probe = KIT.createTestProbe("pool", PoolMessage.class);
        return probe.getRef();
    }
}
