package io.accrete.worker.link;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Closes connections whose other side is silent: a peer that stands still sends no end. */
final class LinkWatch implements AutoCloseable {
    private static final Duration LOOK = Duration.ofMillis(250);

    private final Set<FrameChannel> open = ConcurrentHashMap.newKeySet();
    private final CountDownLatch end = new CountDownLatch(1);

    LinkWatch() {
        Thread.ofVirtual().name("link-watch").start(this::watch);
    }

    void add(FrameChannel channel) {
        open.add(channel);
    }

    private void watch() {
        try {
            while (!end.await(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
                long now = System.nanoTime();
                open.removeIf(channel -> channel.isClosed() || channel.closeIfOverdue(now));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        end.countDown();
        open.forEach(FrameChannel::close);
    }
}
