package io.accrete.protocol.wire;

import akka.actor.typed.receptionist.ServiceKey;

/** Names under which actors find each other. */
public final class ServiceKeys {
    /** The coordinator's pool; workers register with it. */
    public static final ServiceKey<PoolMessage> POOL =
            ServiceKey.create(PoolMessage.class, "accrete-pool");

    private ServiceKeys() {}
}
