package io.accrete.coordinator;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.accrete.coordinator.job.FigureQuery;
import io.accrete.protocol.http.FigurePage;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A part of a {@code metrics.jsonl}, which may be written or cut meanwhile. Steps ascend in it, so
 * that where a part begins is found by halving, however long the file is.
 */
final class FigureFile {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int HALVED_DOWN_TO = 1 << 16;

    /** Of a page; a step is told whole all the same. */
    private static final long PAGE_BYTES_MAX = 4L << 20;

    /** A line has a number for each micro-batch, of which a step has 65,536 at most. */
    private static final int LINE_BYTES_MAX = 8 << 20;

    private final FileChannel channel;

    private FigureFile(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * @throws java.nio.file.NoSuchFileException if it is not there
     */
    static FigurePage read(Path file, FigureQuery query) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return new FigureFile(channel).page(query);
        }
    }

    /**
     * A line that has come to its end.
     *
     * @param bytes with its newline
     */
    private record Line(JsonNode figures, long bytes) {
        int step() {
            return figures.path("step").asInt();
        }
    }

    private FigurePage page(FigureQuery query) throws IOException {
        int after = query.after().orElse(-1);
        int until = query.until().orElse(Integer.MAX_VALUE);
        List<JsonNode> lines = new ArrayList<>();
        long bytes = 0;
        int last = after;
        try (InputStream in = from(begin(after))) {
            for (Optional<Line> line = next(in); line.isPresent(); line = next(in)) {
                int step = line.get().step();
                if (step > until) {
                    break;
                }
                boolean full = lines.size() >= query.most() || bytes >= PAGE_BYTES_MAX;
                if (full && step > last) {
                    return new FigurePage(lines, OptionalInt.of(last));
                }
                if (step > after) {
                    lines.add(line.get().figures());
                    bytes += line.get().bytes();
                    last = step;
                }
            }
        }
        return new FigurePage(lines, OptionalInt.empty());
    }

    /** Where a line begins before which no step is later. */
    private long begin(int after) throws IOException {
        long low = 0;
        long high = channel.size();
        while (high - low > HALVED_DOWN_TO) {
            long middle = (low + high) / 2;
            try (InputStream in = from(middle)) {
                long begins = middle + skipLine(in);
                Optional<Line> line = begins < high ? next(in) : Optional.empty();
                if (line.isPresent() && line.get().step() <= after) {
                    low = begins;
                } else {
                    high = middle;
                }
            }
        }
        return low;
    }

    /** Does not close the file with itself. */
    private InputStream from(long position) throws IOException {
        channel.position(position);
        return new BufferedInputStream(Channels.newInputStream(channel)) {
            @Override
            public void close() {}
        };
    }

    private static long skipLine(InputStream in) throws IOException {
        long bytes = 0;
        for (int b = in.read(); b >= 0; b = in.read()) {
            bytes++;
            if (b == '\n') {
                break;
            }
        }
        return bytes;
    }

    /** Empty at the end, at a line that is being written, and where another has been cut off. */
    private static Optional<Line> next(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0 || line.size() >= LINE_BYTES_MAX) {
                return Optional.empty();
            }
            line.write(b);
        }
        try {
            return Optional.of(new Line(JSON.readTree(line.toByteArray()), line.size() + 1L));
        } catch (JsonProcessingException torn) {
            return Optional.empty();
        }
    }
}
