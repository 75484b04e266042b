package io.accrete.worker.link;

/**
 * Threads of connections. They are the system's own: a virtual thread that waits for a connection
 * is woken by way of another thread, which takes a sixth of an edge's processor time. There are two
 * for each end of an edge, and one for each stranger, of whom there are few at a time.
 */
final class LinkThread {
    private LinkThread() {}

    /** Not started. */
    static Thread of(String name, Runnable work) {
        return Thread.ofPlatform().daemon().name(name).unstarted(work);
    }
}
