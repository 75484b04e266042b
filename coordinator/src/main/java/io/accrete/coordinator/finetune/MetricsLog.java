package io.accrete.coordinator.finetune;

import io.accrete.protocol.train.MetricsMark;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The file of a training's figures, one JSON object a line; each step stands in it once. Lines are
 * added by an actor and written by whoever does its blocking work, one call after the other.
 */
final class MetricsLog {
    private static final int BUFFER_BYTES = 1 << 16;

    private final Path file;
    private final StringBuilder waiting = new StringBuilder();
    private long cutTo = -1;

    MetricsLog(Path file) {
        this.file = file;
    }

    /** What comes after so many bytes will be written again. */
    synchronized void cutTo(long bytes) {
        waiting.setLength(0);
        cutTo = bytes;
    }

    /**
     * @return whether somebody has to be asked to write
     */
    synchronized boolean add(String line) {
        boolean first = waiting.isEmpty();
        waiting.append(line);
        return first;
    }

    /**
     * Puts what was added into the file.
     *
     * @return how many bytes that has then
     */
    long write() throws IOException {
        return put(false);
    }

    /** The same, and waits for the disk. */
    void sync() throws IOException {
        put(true);
    }

    /**
     * Whether the file has what another driver knows to be written, so that it can be gone on with.
     */
    boolean has(MetricsMark left) throws IOException {
        if (!Files.exists(file) || Files.size(file) < left.inFile()) {
            return left.inFile() == 0;
        }
        long hash = MetricsMark.HASH_OF_NONE;
        byte[] buffer = new byte[BUFFER_BYTES];
        try (InputStream bytes = Files.newInputStream(file)) {
            bytes.skipNBytes(left.begin());
            long missing = left.inFile() - left.begin();
            while (missing > 0) {
                int read = bytes.readNBytes(buffer, 0, (int) Math.min(missing, buffer.length));
                if (read == 0) {
                    return false;
                }
                hash = MetricsMark.hash(hash, buffer, read);
                missing -= read;
            }
        }
        byte[] unwritten = left.unwritten().getBytes(StandardCharsets.UTF_8);
        return MetricsMark.hash(hash, unwritten, unwritten.length) == left.hash();
    }

    private long put(boolean durable) throws IOException {
        String lines;
        long cut;
        synchronized (this) {
            lines = waiting.toString();
            waiting.setLength(0);
            cut = cutTo;
            cutTo = -1;
        }
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            if (cut >= 0) {
                channel.truncate(cut);
            }
            channel.position(channel.size());
            ByteBuffer bytes = ByteBuffer.wrap(lines.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            if (durable) {
                channel.force(true);
            }
            return channel.size();
        }
    }
}
