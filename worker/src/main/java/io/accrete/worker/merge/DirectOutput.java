package io.accrete.worker.merge;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Past the page cache ({@code O_DIRECT}), through two buffers of whole blocks, one of which is
 * filled while the other is written: the disk is busy from the first byte, nothing is kept that
 * nobody asked for, and a byte is copied once, within the processor's own cache.
 */
final class DirectOutput implements ShardOutput {
    private static final int BUFFER_BYTES = 2 << 20;

    private final FileChannel channel;
    private final int blockBytes;
    private final Arena arena = Arena.ofShared();
    private final ExecutorService disk =
            Executors.newSingleThreadExecutor(
                    Thread.ofPlatform().daemon().name("accrete-disk").factory());

    /** What is appended comes here. */
    private ByteBuffer buffer;

    /** Empty once {@link #pending} is done. */
    private ByteBuffer other;

    private Future<?> pending = CompletableFuture.completedFuture(null);

    private DirectOutput(FileChannel channel, int blockBytes) {
        this.channel = channel;
        this.blockBytes = blockBytes;
        this.buffer = arena.allocate(BUFFER_BYTES, blockBytes).asByteBuffer();
        this.other = arena.allocate(BUFFER_BYTES, blockBytes).asByteBuffer();
    }

    /**
     * {@code ExtendedOpenOption.DIRECT} of the module {@code jdk.unsupported}, by its name: javac
     * warns of every mention of the class, and the warning cannot be silenced.
     */
    private static OpenOption pastTheCache() {
        try {
            Class<?> options = Class.forName("com.sun.nio.file.ExtendedOpenOption");
            return (OpenOption) options.getField("DIRECT").get(null);
        } catch (ReflectiveOperationException e) {
            throw new UnsupportedOperationException("this Java has no O_DIRECT", e);
        }
    }

    /** Falls back on the page cache where the file system will not do without. */
    static ShardOutput create(Path path, int blockBytes) throws IOException {
        try {
            return new DirectOutput(
                    FileChannel.open(
                            path,
                            StandardOpenOption.CREATE_NEW,
                            StandardOpenOption.WRITE,
                            pastTheCache()),
                    blockBytes);
        } catch (UnsupportedOperationException | IOException e) {
            return new CachedOutput(path);
        }
    }

    @Override
    public void append(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            int fits = Math.min(bytes.remaining(), buffer.remaining());
            buffer.put(bytes.slice(bytes.position(), fits));
            bytes.position(bytes.position() + fits);
            writeIfFull();
        }
    }

    @Override
    public long append(FileChannel source, long from, long bytes) throws IOException {
        buffer.limit((int) Math.min(buffer.capacity(), buffer.position() + bytes));
        int read;
        try {
            read = source.read(buffer, from);
        } finally {
            buffer.limit(buffer.capacity());
        }
        writeIfFull();
        return Math.max(read, 0);
    }

    private void writeIfFull() throws IOException {
        if (!buffer.hasRemaining()) {
            write();
        }
    }

    /** Hands over what the buffer holds, as it is: whole blocks. */
    private void write() throws IOException {
        awaitWritten();
        ByteBuffer full = buffer;
        buffer = other;
        other = full;
        pending = disk.submit(() -> write(full));
    }

    private @Nullable Void write(ByteBuffer full) throws IOException {
        full.flip();
        while (full.hasRemaining()) {
            channel.write(full);
        }
        full.clear();
        return null;
    }

    /** All that was handed over is in the file. */
    private void awaitWritten() throws IOException {
        try {
            pending.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException io) {
                throw io;
            }
            throw new IllegalStateException("writing failed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while a shard was being written", e);
        }
    }

    @Override
    public void skip(long bytes) throws IOException {
        write();
        awaitWritten();
        channel.position(channel.position() + bytes);
    }

    /** The last block is filled up, and cut off again. */
    @Override
    public void finish() throws IOException {
        awaitWritten();
        long size = channel.position() + buffer.position();
        while (buffer.position() % blockBytes != 0) {
            buffer.put((byte) 0);
        }
        write();
        awaitWritten();
        channel.truncate(size);
        channel.force(true);
    }

    @Override
    public long size() throws IOException {
        return channel.size();
    }

    @Override
    public void close() throws IOException {
        disk.close();
        arena.close();
        channel.close();
    }
}
