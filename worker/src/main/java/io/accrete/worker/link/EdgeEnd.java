package io.accrete.worker.link;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.function.Consumer;

/** What both ends of an edge have. It fails as a whole, once, and is of no use from then on. */
final class EdgeEnd {
    private final EdgeName name;
    private final Consumer<LinkException> failed;
    private final MessageQueue messages;
    private final Credits credits;
    private @Nullable FrameChannel channel;

    /**
     * @param buffers of messages
     * @param begun messages that may be begun from the start
     * @param failed is told why, from any thread
     */
    EdgeEnd(EdgeName name, int buffers, int begun, Consumer<LinkException> failed) {
        this.name = name;
        this.failed = failed;
        this.messages = new MessageQueue(buffers);
        this.credits = new Credits(begun);
    }

    MessageQueue messages() {
        return messages;
    }

    Credits credits() {
        return credits;
    }

    boolean isFailed() {
        return messages.isFailed();
    }

    /**
     * The one connection that it ever has.
     *
     * @return whether it is this one
     */
    synchronized boolean connect(FrameChannel only) {
        if (channel != null || isFailed()) {
            return false;
        }
        channel = only;
        return true;
    }

    /** Another try, in place of the one before. */
    synchronized void tryAgain(FrameChannel next) throws LinkException {
        if (channel != null) {
            channel.close();
        }
        channel = next;
        if (isFailed()) {
            next.close();
            throw new LinkException("it was given up");
        }
    }

    /** Whoever waits is told; nothing comes and nothing goes any more. */
    void fail(IOException why) {
        LinkException reason = name.broken(why);
        boolean first = messages.fail(reason);
        credits.end();
        FrameChannel open;
        synchronized (this) {
            open = channel;
        }
        if (open != null) {
            open.close();
        }
        if (first) {
            failed.accept(reason);
        }
    }
}
