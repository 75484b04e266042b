package io.accrete.worker.merge;

import io.accrete.protocol.wire.TaskFailure;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The file that a task writes, from its first byte to its last. Every byte comes through here in
 * bounded portions, so that progress is told and a cancelled task stops soon.
 */
final class ShardFile implements AutoCloseable {
    private final Path path;
    private final ShardOutput output;
    private final Optional<LinuxFile> linux;
    private final long blockBytes;
    private final ExecutionControl control;
    private long position;

    private ShardFile(Path path, ShardOutput output, long blockBytes, ExecutionControl control) {
        this.path = path;
        this.output = output;
        this.linux = LinuxFile.open(path, true);
        this.blockBytes = blockBytes;
        this.control = control;
    }

    /** Empty, whatever was there. */
    static ShardFile create(Path path, ExecutionControl control) throws IOException {
        FileStore store = Files.getFileStore(path.toAbsolutePath().getParent());
        ShardOutput output = ShardOutput.create(path, store);
        return new ShardFile(path, output, store.getBlockSize(), control);
    }

    long blockBytes() {
        return blockBytes;
    }

    /** The offset of the next byte. */
    long position() {
        return position;
    }

    void append(ByteBuffer bytes) throws IOException, TaskFailedException {
        int length = bytes.remaining();
        output.append(bytes);
        advanced(length);
    }

    /**
     * Appends bytes of another file.
     *
     * @return how many: fewer than wished where a portion ends, 0 where the source does
     */
    long append(FileChannel source, long from, long bytes) throws IOException, TaskFailedException {
        long moved = output.append(source, from, bytes);
        advanced(moved);
        return moved;
    }

    /**
     * Appends a range of another file by making its blocks those of both. All of it in whole
     * blocks: the range, its length, and {@link #position()}.
     *
     * @return false where the file system cannot: nothing was done then
     */
    boolean share(LinuxFile source, long from, long bytes) throws IOException, TaskFailedException {
        if (linux.isEmpty()) {
            return false;
        }
        output.skip(0);
        if (!linux.get().share(source, from, position, bytes)) {
            return false;
        }
        output.skip(bytes);
        advanced(bytes);
        return true;
    }

    private void advanced(long bytes) throws TaskFailedException {
        position += bytes;
        control.advanced(bytes);
        stopIfCancelled();
    }

    void stopIfCancelled() throws TaskFailedException {
        if (control.isCancelled()) {
            throw new TaskFailedException(
                    TaskFailure.Kind.ABANDONED, path.getFileName() + " was called back", null);
        }
    }

    /** Returns when all of it is on the disk. */
    void finish() throws IOException {
        output.finish();
    }

    /** Bytes on the disk; before {@link #finish()} fewer than were appended. */
    long size() throws IOException {
        return output.size();
    }

    @Override
    public void close() throws IOException {
        linux.ifPresent(LinuxFile::close);
        output.close();
    }
}
