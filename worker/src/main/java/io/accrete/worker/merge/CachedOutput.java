package io.accrete.worker.merge;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Through the page cache; what comes from other files is copied inside the kernel. */
final class CachedOutput implements ShardOutput {
    /** A disk of 100 MB/s takes one in less than a second: as long as a cancelled task goes on. */
    private static final long PORTION_BYTES = 64L << 20;

    private final FileChannel channel;

    CachedOutput(Path path) throws IOException {
        channel =
                FileChannel.open(
                        path,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE);
    }

    @Override
    public void append(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    @Override
    public long append(FileChannel source, long from, long bytes) throws IOException {
        return source.transferTo(from, Math.min(bytes, PORTION_BYTES), channel);
    }

    @Override
    public void skip(long bytes) throws IOException {
        channel.position(channel.position() + bytes);
    }

    @Override
    public void finish() throws IOException {
        channel.force(true);
    }

    @Override
    public long size() throws IOException {
        return channel.size();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
