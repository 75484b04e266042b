package io.accrete.worker.pipeline;

import akka.actor.typed.ActorRef;

import io.accrete.protocol.wire.Epoch;
import io.accrete.protocol.wire.StageAnswer;
import io.accrete.protocol.wire.StageCommand;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.LongConsumer;

/**
 * Commands on their way from the driver to the thread of a host, and its answers. When stages are
 * passed to another lease, only that one's driver is heard and answered from then on.
 */
public final class StageInbox {
    private static final Logger LOG = LoggerFactory.getLogger(StageInbox.class);

    /** A driver waits for answers: more are only repetitions. */
    private static final int COMMANDS_MAX = 16;

    private final BlockingQueue<News> news = new ArrayBlockingQueue<>(COMMANDS_MAX);
    private volatile LongConsumer beginning = _ -> {};

    /** Guarded by this, as what follows. */
    private @Nullable Epoch lease;

    private @Nullable ActorRef<StageAnswer> driver;
    private @Nullable StageCommand last;
    private boolean failed;

    /** What wakes the host. */
    sealed interface News {}

    /** A command, and the lease through whose door it came. */
    record Letter(Epoch lease, StageCommand command) implements News {}

    /** An edge broke, at which perhaps nobody waits. */
    record Breach() implements News {}

    /**
     * Whatever comes under another lease has no effect any more.
     *
     * @return what {@link #kept} says at that moment
     */
    synchronized Optional<StageCommand.InCourse> passTo(
            Epoch newLease, ActorRef<StageAnswer> newDriver) {
        lease = newLease;
        driver = newDriver;
        news.clear();
        return kept();
    }

    /**
     * The command after which somebody else can go on with the stages: the last one that the host
     * has taken, whether it is done or not. Empty where it failed, or where none is in course.
     */
    public synchronized Optional<StageCommand.InCourse> kept() {
        return !failed && last instanceof StageCommand.InCourse command
                ? Optional.of(command)
                : Optional.empty();
    }

    /**
     * What finds no place is said again by the driver. That stages begin anew is told at once: they
     * may wait for others that do not come.
     */
    void put(Epoch through, StageCommand command) {
        if (command instanceof StageCommand.Begin begin && isCurrent(through)) {
            beginning.accept(begin.seating().epoch());
        }
        if (!news.offer(new Letter(through, command))) {
            LOG.debug("a full inbox drops {}", command);
        }
    }

    /** From any thread. Where it finds no place there are commands, which will fail of it. */
    void broken() {
        if (!news.offer(new Breach())) {
            LOG.debug("a full inbox does not take that an edge broke");
        }
    }

    private synchronized boolean isCurrent(Epoch through) {
        return through.equals(lease);
    }

    /**
     * @param told the epoch in which stages begin, by the thread of an actor
     */
    void onBeginning(LongConsumer told) {
        beginning = told;
    }

    /** The next command from who is to be heard, or that an edge broke; waits for it. */
    News take() throws InterruptedException {
        while (true) {
            News next = news.take();
            if (!(next instanceof Letter letter) || isToBeDone(letter)) {
                return next;
            }
        }
    }

    private synchronized boolean isToBeDone(Letter letter) {
        StageCommand command = letter.command();
        if (!letter.lease().equals(lease) || last != null && command.round() < last.round()) {
            return false;
        }
        failed &= command.equals(last);
        last = command;
        return true;
    }

    /** To whoever is driver by now. */
    void answer(StageAnswer answer) {
        ActorRef<StageAnswer> to;
        synchronized (this) {
            failed =
                    answer instanceof StageAnswer.Unable
                            || answer instanceof StageAnswer.EdgeBroken;
            to = driver;
        }
        if (to != null) {
            to.tell(answer);
        }
    }
}
