package io.accrete.protocol.wire;

import akka.actor.typed.ActorRef;

import java.time.Duration;

/** From the pool to a worker. */
public sealed interface WorkerMessage extends Wire {

    /** The pool of this term knows the worker. Lower terms are refused from now on. */
    record Registered(long term, ActorRef<PoolMessage> pool) implements WorkerMessage {}

    /** The worker must register (again). */
    record Unknown(long term, ActorRef<PoolMessage> pool) implements WorkerMessage {}

    /**
     * A task, until {@code lease} after it arrives unless renewed.
     *
     * @param lease measured by each side on its own monotonic clock
     */
    record Grant(Epoch epoch, Duration lease, LeasedWork task) implements WorkerMessage {}

    /** What came of this epoch is settled (taken or refused): forget it. */
    record Settled(Epoch epoch) implements WorkerMessage {}

    /** Stop working on this epoch and delete what it wrote. */
    record Revoke(Epoch epoch, String reason) implements WorkerMessage {}

    /** Ask for no more tasks, finish those that are there, and tell later pools the reason. */
    record Drain(String reason) implements WorkerMessage {}
}
