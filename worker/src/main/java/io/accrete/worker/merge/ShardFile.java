package io.accrete.worker.merge;

import io.accrete.protocol.wire.TaskFailure;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * The file that a task writes. Every write goes through it in bounded portions, so that progress is
 * told, a cancelled task stops soon, and the disk begins its work before the last byte.
 */
final class ShardFile implements AutoCloseable {
    /** A disk of 100 MB/s takes one in less than a second. */
    private static final long PORTION_BYTES = 64L << 20;

    private final Path path;
    private final FileChannel channel;
    private final Optional<LinuxFile> linux;
    private final long blockBytes;
    private final ExecutionControl control;

    /** Bytes up to {@code writtenTo} that the disk has not been told of: no use in small orders. */
    private long unstartedBytes;

    private long writtenTo;

    private ShardFile(Path path, FileChannel channel, long blockBytes, ExecutionControl control) {
        this.path = path;
        this.channel = channel;
        this.linux = LinuxFile.open(path, true);
        this.blockBytes = blockBytes;
        this.control = control;
    }

    /** Empty, whatever was there. */
    static ShardFile create(Path path, ExecutionControl control) throws IOException {
        FileChannel channel =
                FileChannel.open(
                        path,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE);
        FileStore store = Files.getFileStore(path);
        return new ShardFile(path, channel, store.getBlockSize(), control);
    }

    long blockBytes() {
        return blockBytes;
    }

    Optional<LinuxFile> linux() {
        return linux;
    }

    void write(ByteBuffer bytes, long offset) throws IOException, TaskFailedException {
        long at = offset;
        while (bytes.hasRemaining()) {
            at += channel.write(bytes, at);
        }
        written(offset, at - offset);
    }

    /**
     * Copies inside the kernel.
     *
     * @return how many bytes: fewer than wished where a portion ends, 0 where the source does
     */
    long transferFrom(FileChannel source, long from, long to, long bytes)
            throws IOException, TaskFailedException {
        channel.position(to);
        long moved = source.transferTo(from, Math.min(bytes, PORTION_BYTES), channel);
        written(to, moved);
        return moved;
    }

    void advanced(long bytes) throws TaskFailedException {
        control.advanced(bytes);
        stopIfCancelled();
    }

    void stopIfCancelled() throws TaskFailedException {
        if (control.isCancelled()) {
            throw new TaskFailedException(
                    TaskFailure.Kind.ABANDONED, path.getFileName() + " was called back", null);
        }
    }

    private void written(long offset, long bytes) throws TaskFailedException {
        unstartedBytes = (offset == writtenTo ? unstartedBytes : 0) + bytes;
        writtenTo = offset + bytes;
        if (unstartedBytes >= PORTION_BYTES / 2) {
            linux.ifPresent(file -> file.startWriting(writtenTo - unstartedBytes, unstartedBytes));
            unstartedBytes = 0;
        }
        advanced(bytes);
    }

    /** Waits until all of it is on the disk. */
    void force() throws IOException {
        channel.force(true);
    }

    long size() throws IOException {
        return channel.size();
    }

    @Override
    public void close() throws IOException {
        linux.ifPresent(LinuxFile::close);
        channel.close();
    }
}
