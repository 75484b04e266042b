package io.accrete.worker;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.FishingOutcomes;
import akka.actor.testkit.typed.javadsl.ManualTime;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import akka.actor.typed.receptionist.Receptionist;

import io.accrete.protocol.job.WorkerDevice;
import io.accrete.protocol.merge.CopiedBytes;
import io.accrete.protocol.merge.ShardReceipt;
import io.accrete.protocol.wire.Epoch;
import io.accrete.protocol.wire.PoolMessage;
import io.accrete.protocol.wire.ServiceKeys;
import io.accrete.protocol.wire.TaskFailure;
import io.accrete.protocol.wire.TaskRef;
import io.accrete.protocol.wire.WorkerMessage;
import io.accrete.protocol.wire.WorkerProfile;
import io.accrete.worker.merge.ExecutionControl;
import io.accrete.worker.merge.TaskExecutor;
import io.accrete.worker.merge.TaskFailedException;
import io.accrete.worker.tensor.ComputeDevice;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

class WorkerAgentTest {
    private static final Duration LEASE = Duration.ofSeconds(15);
    private static final TaskRef TASK =
            new TaskRef("job", "/plan", "00", 0, "/tmp/shard", CopiedBytes.MOVED);
    private static final Epoch EPOCH = new Epoch(1, 1);
    private static final ShardReceipt RECEIPT =
            new ShardReceipt(0, 9, "aa", List.of(), List.of(), List.of(), ShardReceipt.Moved.NONE);
    private static final WorkerProfile PROFILE =
            new WorkerProfile(
                    "w", "host", 1, 1, "class", "version", Optional.empty(), WorkerDevice.CPU);

    private final ActorTestKit kit = ActorTestKit.create(ManualTime.config());
    private final ManualTime time = ManualTime.get(kit.system());
    private final AtomicLong clock = new AtomicLong();
    private final FakeExecutor executor = new FakeExecutor();
    private TestProbe<PoolMessage> pool;
    private ActorRef<WorkerAgent.Command> agent;
    private ActorRef<WorkerMessage> worker;

    @BeforeEach
    void registerWithThePool() {
        pool = kit.createTestProbe(PoolMessage.class);
        kit.system().receptionist().tell(Receptionist.register(ServiceKeys.POOL, pool.getRef()));
        WorkerSettings settings = WorkerSettings.from(kit.system().settings().config()).named("w");
        agent =
                kit.spawn(
                        WorkerAgent.create(
                                settings,
                                PROFILE,
                                executor,
                                Optional.empty(),
                                new ComputeDevice.Cpu(),
                                clock::get));
        PoolMessage.Register register = pool.expectMessageClass(PoolMessage.Register.class);
        assertThat(register.profile()).isEqualTo(PROFILE);
        worker = register.worker();
        worker.tell(new WorkerMessage.Registered(1, pool.getRef()));
        pool.expectMessage(new PoolMessage.Pull(worker));
    }

    @AfterEach
    void stop() {
        executor.release.countDown();
        kit.shutdownTestKit();
    }

    @Test
    void aGrantedTaskIsDoneAndReportedUntilSettled() {
        grant();
        executor.release.countDown();

        PoolMessage.Completed completed = new PoolMessage.Completed(worker, EPOCH, RECEIPT);
        pool.expectMessage(completed);
        pool.expectMessage(new PoolMessage.Pull(worker));
        pass(Duration.ofMillis(500));
        pool.expectMessage(completed);

        worker.tell(new WorkerMessage.Settled(EPOCH));
        pool.expectMessage(new PoolMessage.Pull(worker));
        pass(Duration.ofSeconds(30));
        pool.expectMessageClass(PoolMessage.Pull.class);
        pool.expectNoMessage();
    }

    @Test
    void heartbeatsTellHowFarATaskIs() {
        ExecutionControl control = grant();
        control.advanced(7);
        control.advanced(5);

        pass(Duration.ofMillis(500));

        pool.expectMessage(
                new PoolMessage.Heartbeat(worker, List.of(new PoolMessage.Running(EPOCH, 12))));
    }

    @Test
    void aRevokedTaskIsCancelled() {
        ExecutionControl control = grant();

        worker.tell(new WorkerMessage.Revoke(EPOCH, "test"));

        Awaitility.await().until(control::isCancelled);
        executor.release.countDown();
        pool.expectMessage(new PoolMessage.Pull(worker));
    }

    @Test
    void aTaskIsCancelledWhenItsLeaseWasSleptThrough() {
        ExecutionControl control = grant();

        clock.addAndGet(LEASE.toNanos());
        time.timePasses(Duration.ofMillis(100));

        Awaitility.await().until(control::isCancelled);
        executor.release.countDown();
        assertThat(pool.expectMessageClass(PoolMessage.Failed.class).failure().kind())
                .isEqualTo(TaskFailure.Kind.ABANDONED);
    }

    @Test
    void anErrorOfTheProgramIsAFailureOfTheTask() {
        executor.error = true;
        grant();
        executor.release.countDown();

        PoolMessage.Failed failed = pool.expectMessageClass(PoolMessage.Failed.class);

        assertThat(failed.failure().kind()).isEqualTo(TaskFailure.Kind.INTERNAL);
        assertThat(failed.failure().message()).contains("/tmp/shard", "on purpose");
    }

    @Test
    void aPoolThatForgotTheWorkerIsToldAgain() {
        worker.tell(new WorkerMessage.Unknown(1, pool.getRef()));

        pool.expectMessage(new PoolMessage.Register(PROFILE, worker, Optional.empty(), List.of()));
    }

    @Test
    void anotherPoolIsFoundAndGetsTheResult() {
        grant();
        kit.system().receptionist().tell(Receptionist.deregister(ServiceKeys.POOL, pool.getRef()));
        executor.release.countDown();
        TestProbe<PoolMessage> next = kit.createTestProbe(PoolMessage.class);
        kit.system().receptionist().tell(Receptionist.register(ServiceKeys.POOL, next.getRef()));

        next.expectMessage(new PoolMessage.Register(PROFILE, worker, Optional.empty(), List.of()));
        worker.tell(new WorkerMessage.Registered(2, next.getRef()));

        next.fishForMessage(
                Duration.ofSeconds(3),
                message ->
                        message instanceof PoolMessage.Completed
                                ? FishingOutcomes.complete()
                                : FishingOutcomes.continueAndIgnore());
    }

    @Test
    void aLeavingWorkerGivesItsTaskBackAndStops() {
        ExecutionControl control = grant();

        agent.tell(new WorkerAgent.Leave());

        pool.expectMessage(new PoolMessage.Leaving(worker));
        Awaitility.await().until(control::isCancelled);
        executor.release.countDown();
        assertThat(pool.expectMessageClass(PoolMessage.Failed.class).failure().kind())
                .isEqualTo(TaskFailure.Kind.ABANDONED);
        pool.expectTerminated(agent);
    }

    private ExecutionControl grant() {
        worker.tell(new WorkerMessage.Grant(EPOCH, LEASE, TASK));
        ExecutionControl control = executor.begun();
        pool.expectMessage(
                new PoolMessage.Heartbeat(worker, List.of(new PoolMessage.Running(EPOCH, 0))));
        return control;
    }

    private void pass(Duration duration) {
        clock.addAndGet(duration.toNanos());
        time.timePasses(Duration.ofMillis(100));
    }

    /** Ends a task when it is released; cancelled ones fail, as real ones do. */
    private static final class FakeExecutor implements TaskExecutor {
        private final BlockingQueue<ExecutionControl> begun = new LinkedBlockingQueue<>(100);
        private final CountDownLatch release = new CountDownLatch(1);
        private volatile boolean error;

        ExecutionControl begun() {
            try {
                ExecutionControl control = begun.poll(10, TimeUnit.SECONDS);
                return Objects.requireNonNull(control, "no task was begun");
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public ShardReceipt execute(TaskRef task, ExecutionControl control)
                throws TaskFailedException {
            begun.add(control);
            try {
                release.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            if (error) {
                throw new IllegalStateException("on purpose");
            }
            if (control.isCancelled()) {
                throw new TaskFailedException(TaskFailure.Kind.ABANDONED, "called back", null);
            }
            return RECEIPT;
        }
    }
}
