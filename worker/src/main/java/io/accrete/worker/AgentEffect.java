package io.accrete.worker;

import io.accrete.protocol.wire.Epoch;
import io.accrete.protocol.wire.KeptStages;
import io.accrete.protocol.wire.LeasedWork;
import io.accrete.protocol.wire.StageRef;

import java.util.List;
import java.util.Optional;

/** What the agent's actor has to do. */
sealed interface AgentEffect {
    /**
     * Tell every pool that is known who this is.
     *
     * @param drained why it wants no tasks, if it was told so
     * @param held stages on its threads; those that have a state to go on with are named
     */
    record Register(Optional<String> drained, List<KeptStages> held) implements AgentEffect {
        public Register {
            held = List.copyOf(held);
        }
    }

    /** Talk to the pool that has sent this message from now on. */
    record Follow() implements AgentEffect {}

    /** What was sent under a term that is over has no effect. */
    record Refuse(long term, long current) implements AgentEffect {}

    record Pull() implements AgentEffect {}

    /** Renew these leases. */
    record Heartbeat(List<Epoch> epochs) implements AgentEffect {
        public Heartbeat {
            epochs = List.copyOf(epochs);
        }
    }

    record Report(Epoch epoch, TaskOutcome outcome) implements AgentEffect {}

    record Leave() implements AgentEffect {}

    record Start(Epoch epoch, LeasedWork task) implements AgentEffect {}

    /** Stages that run go on, with their state, under another lease. */
    record Pass(Epoch before, Epoch epoch, StageRef task) implements AgentEffect {}

    /** Make a running task end soon; it still says when it has. */
    record Cancel(Epoch epoch) implements AgentEffect {}

    /** Delete what a finished task has written. */
    record Delete(String file) implements AgentEffect {}
}
