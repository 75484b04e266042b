package io.accrete.worker.train;

import io.accrete.protocol.train.CheckpointPart;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;

/**
 * The parts of a checkpoint on their way to the disk, while their stages go on: until then the
 * kernel has their bytes, so that no second copy of the state is in this process.
 */
public final class SavedParts implements AutoCloseable {
    private Future<List<CheckpointPart>> settling = CompletableFuture.completedFuture(List.of());

    /** Sends files to the disk, on a thread of their own; those of before have settled. */
    public void settle(List<Path> files) {
        FutureTask<List<CheckpointPart>> task = new FutureTask<>(() -> settled(files));
        settling = task;
        Thread.ofPlatform().daemon().name("checkpoint").start(task);
    }

    private static List<CheckpointPart> settled(List<Path> files) throws IOException {
        List<CheckpointPart> parts = new ArrayList<>();
        for (Path file : files) {
            parts.add(PartFile.settled(file));
        }
        return parts;
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
        try {
            return settling.get();
        } catch (ExecutionException e) {
            throw StageThreads.failure(Objects.requireNonNull(e.getCause()));
        }
    }

    /** Nobody asks for what was saved any more. */
    @Override
    public void close() {
        settling.cancel(true);
    }
}
