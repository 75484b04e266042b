package io.accrete.worker.pipeline;

import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;

import io.accrete.protocol.wire.Epoch;
import io.accrete.protocol.wire.StageAnswer;
import io.accrete.protocol.wire.StageCommand;
import io.accrete.protocol.wire.StageRef;
import io.accrete.protocol.wire.WorkerProfile;

import java.time.Duration;

/**
 * The actor that a driver talks to while a lease on stages lasts. It says that they are there until
 * it hears of the driver.
 */
public final class StageDoor {
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private StageDoor() {}

    public sealed interface Message {}

    private record FromDriver(StageCommand command) implements Message {}

    private record Announce() implements Message {}

    /**
     * @param held for whom from now on
     * @param profile of the worker
     * @param inbox of the host, which hears nobody else from now on
     */
    public static Behavior<Message> create(
            StageRef held, Epoch lease, WorkerProfile profile, StageInbox inbox) {
        return Behaviors.setup(
                context ->
                        Behaviors.withTimers(
                                timers -> {
                                    StageAnswer.Arrived arrival =
                                            new StageAnswer.Arrived(
                                                    held.group(),
                                                    lease,
                                                    profile.worker(),
                                                    profile.numericClass(),
                                                    profile.link(),
                                                    inbox.passTo(lease, held.driver()),
                                                    context.messageAdapter(
                                                            StageCommand.class, FromDriver::new));
                                    timers.startTimerWithFixedDelay(
                                            new Announce(), Duration.ZERO, PATIENCE);
                                    return Behaviors.receiveMessage(
                                            message -> {
                                                switch (message) {
                                                    case Announce _ -> held.driver().tell(arrival);
                                                    case FromDriver(StageCommand command) -> {
                                                        timers.cancelAll();
                                                        inbox.put(lease, command);
                                                    }
                                                }
                                                return Behaviors.same();
                                            });
                                }));
    }
}
