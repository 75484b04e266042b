package io.accrete.coordinator.merge;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.TimerScheduler;
import akka.actor.typed.receptionist.Receptionist;

import io.accrete.protocol.fixture.WorkerProfiles;
import io.accrete.protocol.merge.MergePlan;
import io.accrete.protocol.merge.PlanFile;
import io.accrete.protocol.merge.ShardReceipt;
import io.accrete.protocol.merge.ShardTask;
import io.accrete.protocol.merge.SourceTensor;
import io.accrete.protocol.merge.TensorOp;
import io.accrete.protocol.safetensors.SafetensorsFile;
import io.accrete.protocol.safetensors.ShardHeader;
import io.accrete.protocol.wire.Epoch;
import io.accrete.protocol.wire.PoolMessage;
import io.accrete.protocol.wire.ServiceKeys;
import io.accrete.protocol.wire.TaskFailure;
import io.accrete.protocol.wire.TaskRef;
import io.accrete.protocol.wire.WorkerMessage;
import io.accrete.protocol.wire.WorkerProfile;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A worker that writes shards of one tensor in its own actor, and may be told to misbehave. */
final class StandInWorker {

    /** What to do with a task. */
    sealed interface Deed {
        record Write() implements Deed {}

        record WriteNonFinite() implements Deed {}

        record Fail(TaskFailure failure) implements Deed {}

        /** Keep the lease, say nothing. */
        record Ignore() implements Deed {}

        record Die() implements Deed {}
    }

    @FunctionalInterface
    interface Script {
        Deed deed(TaskRef task);
    }

    private sealed interface Message {}

    private record FromPool(WorkerMessage message) implements Message {}

    private record Pools(Receptionist.Listing listing) implements Message {}

    private record Retry() implements Message {}

    private final WorkerProfile profile;
    private final Script script;
    private final ActorRef<WorkerMessage> self;
    private final Map<Epoch, PoolMessage> unsettled = new LinkedHashMap<>();
    private @Nullable ActorRef<PoolMessage> pool;
    private long term;

    private StandInWorker(
            ActorContext<Message> context,
            TimerScheduler<Message> timers,
            WorkerProfile profile,
            Script script) {
        this.profile = profile;
        this.script = script;
        this.self = context.messageAdapter(WorkerMessage.class, FromPool::new);
        timers.startTimerWithFixedDelay(new Retry(), Duration.ofMillis(50));
        context.getSystem()
                .receptionist()
                .tell(
                        Receptionist.subscribe(
                                ServiceKeys.POOL,
                                context.messageAdapter(Receptionist.Listing.class, Pools::new)));
    }

    static Behavior<?> create(String name, String numericClass, Script script) {
        return Behaviors.<Message>setup(
                context ->
                        Behaviors.withTimers(
                                timers -> {
                                    StandInWorker worker =
                                            new StandInWorker(
                                                    context,
                                                    timers,
                                                    WorkerProfiles.of(
                                                            name, "here", 1, numericClass),
                                                    script);
                                    return Behaviors.receiveMessage(worker::on);
                                }));
    }

    private Behavior<Message> on(Message message) {
        return switch (message) {
            case Pools(Receptionist.Listing listing) -> {
                listing.getServiceInstances(ServiceKeys.POOL)
                        .forEach(
                                p ->
                                        p.tell(
                                                new PoolMessage.Register(
                                                        profile,
                                                        self,
                                                        Optional.empty(),
                                                        List.of())));
                yield Behaviors.same();
            }
            case Retry retry -> {
                send();
                yield Behaviors.same();
            }
            case FromPool(WorkerMessage.Registered m) -> {
                pool = m.pool();
                term = m.term();
                send();
                yield Behaviors.same();
            }
            case FromPool(WorkerMessage.Unknown m) -> {
                m.pool().tell(new PoolMessage.Register(profile, self, Optional.empty(), List.of()));
                yield Behaviors.same();
            }
            case FromPool(WorkerMessage.Drain m) -> Behaviors.same();
            case FromPool(WorkerMessage.Settled m) -> {
                unsettled.remove(m.epoch());
                send();
                yield Behaviors.same();
            }
            case FromPool(WorkerMessage.Revoke m) -> {
                unsettled.remove(m.epoch());
                yield Behaviors.same();
            }
            case FromPool(WorkerMessage.Grant m) when m.epoch().term() < term -> Behaviors.same();
            case FromPool(WorkerMessage.Grant m) -> granted(m);
        };
    }

    private Behavior<Message> granted(WorkerMessage.Grant grant) {
        if (unsettled.containsKey(grant.epoch())) {
            return Behaviors.same();
        }
        Deed deed = script.deed((TaskRef) grant.task());
        PoolMessage answer =
                switch (deed) {
                    case Deed.Write w -> written(grant, List.of());
                    case Deed.WriteNonFinite w ->
                            written(grant, List.of(new ShardReceipt.NonFinite("t000", 3, 1)));
                    case Deed.Fail(TaskFailure failure) ->
                            new PoolMessage.Failed(self, grant.epoch(), failure);
                    case Deed.Ignore i -> null;
                    case Deed.Die d -> null;
                };
        if (answer == null) {
            return deed instanceof Deed.Die ? Behaviors.stopped() : Behaviors.same();
        }
        unsettled.put(grant.epoch(), answer);
        send();
        return Behaviors.same();
    }

    /** A grant that comes late, after its job has ended, finds no folder to write to. */
    private PoolMessage written(WorkerMessage.Grant grant, List<ShardReceipt.NonFinite> nonFinite) {
        try {
            ShardReceipt receipt = write((TaskRef) grant.task(), nonFinite);
            return new PoolMessage.Completed(self, grant.epoch(), receipt);
        } catch (IOException e) {
            TaskFailure failure = new TaskFailure(TaskFailure.Kind.IO, e.toString());
            return new PoolMessage.Failed(self, grant.epoch(), failure);
        }
    }

    private void send() {
        ActorRef<PoolMessage> to = pool;
        if (to == null) {
            return;
        }
        if (unsettled.isEmpty()) {
            to.tell(new PoolMessage.Pull(self));
        }
        unsettled.values().forEach(to::tell);
    }

    static ShardReceipt write(TaskRef reference, List<ShardReceipt.NonFinite> nonFinite)
            throws IOException {
        MergePlan plan = PlanFile.read(Path.of(reference.plan()), reference.planSha256());
        ShardTask task = plan.shards().get(reference.shard());
        var tensor = task.tensors().getFirst();
        boolean computed = !(tensor.op() instanceof TensorOp.Copy);
        SourceTensor source =
                switch (tensor.op()) {
                    case TensorOp.Copy op -> op.source();
                    case TensorOp.Convert op -> op.source();
                    case TensorOp.Linear op -> op.inputs().getFirst().source();
                    case TensorOp.Slerp op -> op.base();
                };
        byte[] values = new byte[Math.toIntExact(source.bytes())];
        try (RandomAccessFile file =
                new RandomAccessFile(plan.sources().get(source.file()).path(), "r")) {
            file.seek(source.offset());
            file.readFully(values);
        }
        Path target = Path.of(reference.target());
        try (OutputStream out = Files.newOutputStream(target)) {
            out.write(
                    ShardHeader.encode(
                            List.of(tensor.output()), SmallPlan.METADATA, task.headerBytes()));
            out.write(values);
        }
        List<ShardReceipt.TensorDigest> digests = new ArrayList<>();
        if (computed) {
            digests.add(new ShardReceipt.TensorDigest(0, "ab".repeat(32)));
        }
        return new ShardReceipt(
                task.index(),
                task.bytes(),
                SafetensorsFile.open(target).header().sha256(),
                digests,
                List.of(),
                nonFinite,
                new ShardReceipt.Moved(
                        0, computed ? 0 : source.bytes(), computed ? source.bytes() : 0));
    }
}
