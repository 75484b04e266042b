package io.accrete.worker.link;

import java.time.Duration;

/** How many messages may have been begun on an edge since it was opened: both ends count them. */
final class Credits {
    private int granted;
    private boolean over;

    Credits(int granted) {
        this.granted = granted;
    }

    synchronized int granted() {
        return granted;
    }

    synchronized void addOne() {
        granted++;
        notifyAll();
    }

    /** What was said before may come again. */
    synchronized void raiseTo(int messages) {
        if (messages > granted) {
            granted = messages;
            notifyAll();
        }
    }

    /**
     * Whether there are more than so many; waits for them, but not once the edge has broken.
     *
     * @param longest that it waits
     */
    synchronized boolean awaitMoreThan(int messages, Duration longest) throws InterruptedException {
        long deadline = System.nanoTime() + longest.toNanos();
        long left = longest.toMillis();
        while (granted <= messages && left > 0 && !over) {
            wait(left);
            left = (deadline - System.nanoTime()) / 1_000_000;
        }
        return granted > messages;
    }

    /** The edge broke: nobody waits any more. */
    synchronized void end() {
        over = true;
        notifyAll();
    }
}
