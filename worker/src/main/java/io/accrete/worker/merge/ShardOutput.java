package io.accrete.worker.merge;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/**
 * How bytes come into a new file, from its first to its last: past the page cache or through it.
 * Used by one thread at a time.
 */
sealed interface ShardOutput extends AutoCloseable permits CachedOutput, DirectOutput {
    /**
     * Where writing past the page cache is known to be the cheaper way. Elsewhere (NFS, Btrfs, ZFS,
     * a file system in memory) a copy in the kernel may cost the machine next to nothing.
     */
    Set<String> DIRECT = Set.of("ext2/ext3", "ext4", "xfs", "overlay");

    /**
     * Makes the file, or empties it.
     *
     * @param store on which it will be
     */
    static ShardOutput create(Path path, FileStore store) throws IOException {
        Files.deleteIfExists(path);
        return DIRECT.contains(store.type())
                ? DirectOutput.create(path, Math.toIntExact(store.getBlockSize()))
                : new CachedOutput(path);
    }

    /** Appends all that remains in the buffer. */
    void append(ByteBuffer bytes) throws IOException;

    /**
     * Appends bytes of another file.
     *
     * @return how many: at most {@code bytes}, 0 only where the source has none at {@code from}
     */
    long append(FileChannel source, long from, long bytes) throws IOException;

    /** Brings all that was appended into the file, and goes on {@code bytes} later. */
    void skip(long bytes) throws IOException;

    /** Ends the file: returns when all of it is on the disk. */
    void finish() throws IOException;

    /** Bytes in the file: those appended last may not be among them before {@link #finish()}. */
    long size() throws IOException;

    @Override
    void close() throws IOException;
}
