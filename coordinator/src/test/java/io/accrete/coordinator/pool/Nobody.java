package io.accrete.coordinator.pool;

import akka.actor.testkit.typed.javadsl.TestInbox;
import akka.actor.typed.ActorRef;

import io.accrete.protocol.wire.PoolMessage;

/** A reference to a pool that nobody writes to. */
final class Nobody {
    static final ActorRef<PoolMessage> REF = TestInbox.<PoolMessage>create().getRef();

    private Nobody() {}
}
