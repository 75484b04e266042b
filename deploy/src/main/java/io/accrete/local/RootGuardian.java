package io.accrete.local;

import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;

/** The root of an embedded cluster's actors; it hears nothing. */
final class RootGuardian {
    private RootGuardian() {}

    static Behavior<Void> create() {
        return Behaviors.empty();
    }
}
