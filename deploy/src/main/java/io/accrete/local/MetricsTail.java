package io.accrete.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.accrete.coordinator.drive.Staging;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads the figures of a training while they are written, each once. */
final class MetricsTail {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Staging staging;
    private final TrainListener listener;
    private long read;
    private int steps;
    private int validations = -1;

    MetricsTail(Staging staging, TrainListener listener) {
        this.staging = staging;
        this.listener = listener;
    }

    /** Those of earlier steps have been told before. */
    void skip(int step) {
        steps = step;
        validations = step;
    }

    /** Tells what is new. */
    void tell() throws IOException {
        try {
            tell(staging.metrics());
        } catch (NoSuchFileException notThere) {
            published();
        }
    }

    /** At the end the file moves to the output. */
    private void published() throws IOException {
        Path file = staging.output().resolve(staging.metrics().getFileName());
        if (Files.exists(file)) {
            tell(file);
        }
    }

    private void tell(Path file) throws IOException {
        try (SeekableByteChannel channel = Files.newByteChannel(file)) {
            if (channel.size() < read) {
                read = 0; // it was cut: steps are done again
            }
            ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(channel.size() - read));
            channel.position(read);
            while (bytes.hasRemaining() && channel.read(bytes) >= 0) {}
            byte[] all = bytes.flip().array();
            int begin = 0;
            for (int i = 0; i < bytes.limit(); i++) {
                if (all[i] == '\n') {
                    tell(JSON.readTree(new String(all, begin, i - begin, StandardCharsets.UTF_8)));
                    begin = i + 1;
                }
            }
            read += begin;
        }
    }

    private void tell(JsonNode line) {
        int step = line.path("step").asInt();
        boolean validation = line.has("validation");
        if (step > (validation ? validations : steps)) {
            if (validation) {
                validations = step;
            } else {
                steps = step;
            }
            listener.figures(line);
        }
    }
}
