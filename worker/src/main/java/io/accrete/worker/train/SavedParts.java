package io.accrete.worker.train;

import io.accrete.protocol.train.CheckpointPart;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;

/**
 * The parts of a checkpoint on their way to the disk, while their stages go on: a step reads the
 * state and changes it only at its end, so that no copy of it is made. Who changes it waits until
 * the kernel has all bytes.
 */
public final class SavedParts implements AutoCloseable {
    private static final CountDownLatch OPEN = new CountDownLatch(0);

    private CountDownLatch read = OPEN;
    private Future<Void> writing = CompletableFuture.completedFuture(null);
    private Future<List<CheckpointPart>> settling = CompletableFuture.completedFuture(List.of());

    /**
     * Writes parts and sends their files to the disk, on a thread of their own; those of before
     * have settled.
     *
     * @param parts which are closed once they are written
     */
    public void settle(List<PartFile> parts) {
        CountDownLatch letGo = new CountDownLatch(1);
        FutureTask<Void> written = new FutureTask<>(() -> write(parts));
        FutureTask<List<CheckpointPart>> settled = new FutureTask<>(() -> settled(parts, written));
        read = letGo;
        writing = written;
        settling = settled;
        Thread.ofPlatform()
                .daemon()
                .name("checkpoint")
                .start(
                        () -> {
                            written.run();
                            try {
                                parts.forEach(PartFile::close);
                            } finally {
                                letGo.countDown();
                            }
                            settled.run();
                        });
    }

    private static Void write(List<PartFile> parts) throws IOException {
        for (PartFile part : parts) {
            part.write();
        }
        return null;
    }

    private static List<CheckpointPart> settled(List<PartFile> parts, Future<Void> written)
            throws IOException, InterruptedException {
        await(written);
        List<CheckpointPart> settled = new ArrayList<>();
        for (PartFile part : parts) {
            settled.add(part.settled());
        }
        return settled;
    }

    /** Returns once the state may be changed; whether all of it was written, others say. */
    public void awaitRead() throws InterruptedException {
        read.await();
    }

    /** Whether {@link #await} would return, or fail, at once. */
    public boolean isSettled() {
        return settling.isDone();
    }

    /**
     * The parts, once they are on the disk.
     *
     * @throws IOException if they do not get there
     */
    public List<CheckpointPart> await() throws IOException, InterruptedException {
        return await(settling);
    }

    private static <T> T await(Future<T> future) throws IOException, InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw StageThreads.failure(Objects.requireNonNull(e.getCause()));
        }
    }

    /** Nobody asks for what was saved any more. */
    @Override
    public void close() {
        writing.cancel(true);
        settling.cancel(true);
    }
}
