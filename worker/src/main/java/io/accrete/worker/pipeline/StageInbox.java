package io.accrete.worker.pipeline;

import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;

import io.accrete.protocol.wire.StageCommand;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/** Commands on their way from the driver, which an actor receives, to the thread of a host. */
public final class StageInbox {
    private static final Logger LOG = LoggerFactory.getLogger(StageInbox.class);

    /** A driver waits for answers: more are only repetitions. */
    private static final int COMMANDS_MAX = 16;

    private final BlockingQueue<StageCommand> commands = new ArrayBlockingQueue<>(COMMANDS_MAX);

    /** The actor that a driver talks to. What finds no place is said again by the driver. */
    public Behavior<StageCommand> door() {
        return Behaviors.receiveMessage(
                command -> {
                    if (!commands.offer(command)) {
                        LOG.debug("a full inbox drops {}", command);
                    }
                    return Behaviors.same();
                });
    }

    Optional<StageCommand> next(Duration patience) throws InterruptedException {
        return Optional.ofNullable(commands.poll(patience.toNanos(), TimeUnit.NANOSECONDS));
    }
}
