package io.accrete.coordinator.pool;

import io.accrete.protocol.wire.WorkerMessage;

/** What the pool's actor has to send. */
public sealed interface PoolEffect {

    record Send(String incarnation, WorkerMessage message) implements PoolEffect {}

    /** The worker is registered. */
    record Welcome(String incarnation) implements PoolEffect {}

    /** The worker is not known: it must register. */
    record AskToRegister(String incarnation) implements PoolEffect {}

    record Notify(String job, TaskNotice notice) implements PoolEffect {}
}
