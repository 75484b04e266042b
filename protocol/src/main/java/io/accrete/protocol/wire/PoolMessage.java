package io.accrete.protocol.wire;

import akka.actor.typed.ActorRef;

import io.accrete.protocol.merge.ShardReceipt;

import java.util.List;
import java.util.Optional;

/** From a worker to the pool. Each may be sent again; none has an effect twice. */
public sealed interface PoolMessage extends Wire {

    /**
     * First contact of one incarnation of a worker; also the answer to a pool it does not know.
     *
     * @param drained why it is to get no tasks, if an earlier pool has said so
     * @param kept stages that it holds with their state
     */
    record Register(
            WorkerProfile profile,
            ActorRef<WorkerMessage> worker,
            Optional<String> drained,
            List<KeptStages> kept)
            implements PoolMessage {
        public Register {
            kept = List.copyOf(kept);
        }
    }

    /** The worker has a free slot. Sent again until granted. */
    record Pull(ActorRef<WorkerMessage> worker) implements PoolMessage {}

    /** Renews the leases that it names. Sent at a third of the lease's duration. */
    record Heartbeat(ActorRef<WorkerMessage> worker, List<Running> running) implements PoolMessage {
        public Heartbeat {
            running = List.copyOf(running);
        }
    }

    record Running(Epoch epoch, long bytesDone) {}

    /** The file stands at the task's target, fsynced. Sent again until acknowledged. */
    record Completed(ActorRef<WorkerMessage> worker, Epoch epoch, ShardReceipt receipt)
            implements PoolMessage {}

    /** Sent again until acknowledged. */
    record Failed(ActorRef<WorkerMessage> worker, Epoch epoch, TaskFailure failure)
            implements PoolMessage {}

    /** The worker is going away on its own will and takes no more tasks. */
    record Leaving(ActorRef<WorkerMessage> worker) implements PoolMessage {}
}
