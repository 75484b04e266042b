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
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/** Reads the figures of a training while they are written, each once. */
final class MetricsTail {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Staging staging;
    private final TrainListener listener;
    private long read;
    private int steps;
    private int validations = -1;
    private int undone;

    /** The step of the latest samples, and those of them that were told. */
    private int sampled = -1;

    private final Set<JsonNode> samples = new HashSet<>();

    /** The line that ends where reading goes on: steps that are done again have other times. */
    private byte[] last = {};

    MetricsTail(Staging staging, TrainListener listener) {
        this.staging = staging;
        this.listener = listener;
    }

    /** Those of earlier steps have been told before. */
    void skip(int step) {
        steps = step;
        validations = step;
        sampled = step;
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
            long size = channel.size(); // once: the file may be cut in between
            if (size < read || !endsWithLast(channel)) {
                read = 0; // it was cut: steps are done again
                last = new byte[0];
            }
            ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(size - read));
            channel.position(read);
            while (bytes.hasRemaining() && channel.read(bytes) >= 0) {}
            byte[] all = bytes.flip().array();
            int begin = 0;
            for (int i = 0; i < bytes.limit(); i++) {
                if (all[i] == '\n') {
                    tell(JSON.readTree(new String(all, begin, i - begin, StandardCharsets.UTF_8)));
                    last = Arrays.copyOfRange(all, begin, i + 1);
                    begin = i + 1;
                }
            }
            read += begin;
        }
    }

    private boolean endsWithLast(SeekableByteChannel channel) throws IOException {
        ByteBuffer there = ByteBuffer.allocate(last.length);
        channel.position(read - last.length);
        while (there.hasRemaining() && channel.read(there) >= 0) {}
        return Arrays.equals(there.array(), last);
    }

    private void tell(JsonNode line) {
        int step = line.path("step").asInt();
        boolean validation = line.has("validation");
        int from = line.path("rollback").path("from").asInt();
        if (from > undone) {
            undone = from;
            steps = step;
            validations = step;
            sampled = step;
            samples.clear();
            listener.figures(line);
        } else if (line.has("sample")) {
            if (step > sampled) {
                sampled = step;
                samples.clear();
            }
            if (step == sampled && samples.add(line.path("sample").path("prompt"))) {
                listener.figures(line);
            }
        } else if (step > (validation ? validations : steps)) {
            if (validation) {
                validations = step;
            } else {
                steps = step;
            }
            listener.figures(line);
        }
    }
}
