package io.accrete.local;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;

/** The figures of a training, one JSON object a line; each step stands in it once. */
final class MetricsFile implements AutoCloseable {
    private static final ObjectMapper JSON = JsonMapper.builder().build();

    private final FileChannel channel;

    private MetricsFile(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * @param bytes of what stays; what came after it will be written again
     */
    static MetricsFile open(Path file, long bytes) throws IOException {
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        channel.truncate(bytes);
        channel.position(bytes);
        return new MetricsFile(channel);
    }

    void add(Map<String, ?> line) throws IOException {
        ByteBuffer bytes =
                ByteBuffer.wrap(
                        (JSON.writeValueAsString(line) + "\n").getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /** Waits for the disk. */
    long bytes() throws IOException {
        channel.force(true);
        return channel.position();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
