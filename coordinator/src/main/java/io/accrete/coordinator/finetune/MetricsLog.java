package io.accrete.coordinator.finetune;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The file of a training's figures, one JSON object a line; each step stands in it once. Lines are
 * added by an actor and written by whoever does its blocking work, one call after the other.
 */
final class MetricsLog {
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

    /** Puts what was added into the file. */
    Path write() throws IOException {
        put(false);
        return file;
    }

    /** The same, and waits for the disk. */
    void sync() throws IOException {
        put(true);
    }

    private void put(boolean durable) throws IOException {
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
        }
    }
}
