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
import java.util.function.LongConsumer;

/** Commands on their way from the driver, which an actor receives, to the thread of a host. */
public final class StageInbox {
    private static final Logger LOG = LoggerFactory.getLogger(StageInbox.class);

    /** A driver waits for answers: more are only repetitions. */
    private static final int COMMANDS_MAX = 16;

    private final BlockingQueue<StageCommand> commands = new ArrayBlockingQueue<>(COMMANDS_MAX);
    private volatile LongConsumer beginning = _ -> {};

    /**
     * The actor that a driver talks to. What finds no place is said again by the driver. That
     * stages begin anew is told at once: they may wait for others that do not come.
     */
    public Behavior<StageCommand> door() {
        return Behaviors.receiveMessage(
                command -> {
                    if (command instanceof StageCommand.Begin begin) {
                        beginning.accept(begin.seating().epoch());
                    }
                    if (!commands.offer(command)) {
                        LOG.debug("a full inbox drops {}", command);
                    }
                    return Behaviors.same();
                });
    }

    /**
     * @param told the epoch in which stages begin, by the thread of the actor
     */
    void onBeginning(LongConsumer told) {
        beginning = told;
    }

    Optional<StageCommand> next(Duration patience) throws InterruptedException {
        return Optional.ofNullable(commands.poll(patience.toNanos(), TimeUnit.NANOSECONDS));
    }
}
