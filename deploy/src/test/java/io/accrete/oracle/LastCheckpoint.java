package io.accrete.oracle;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * Lets a test see the moments of a training, which end with it: a file in the way of its result
 * keeps it from being published when all else is done.
 */
public final class LastCheckpoint {
    /** A name that an empty output may have in it, but no folder that another replaces. */
    private static final String OBSTACLE = "lost+found";

    private final Path out;

    private LastCheckpoint(Path out) {
        this.out = out;
    }

    /**
     * To be called before the training begins; it ends without a result then.
     *
     * @param out the folder that it is to publish
     */
    public static LastCheckpoint of(Path out) throws IOException {
        Files.createDirectories(out.resolve(OBSTACLE));
        return new LastCheckpoint(out);
    }

    /** What is in the last one: values, moments and step counts by name. */
    public Weights weights() throws IOException {
        try (Stream<Path> folders = Files.list(staging().resolve("checkpoints"))) {
            return Weights.read(folders.max(Comparator.naturalOrder()).orElseThrow());
        }
    }

    /** The folder that would be published, complete. */
    public Path result() {
        return staging().resolve("model");
    }

    private Path staging() {
        return out.resolveSibling(".%s.accrete".formatted(out.getFileName()));
    }
}
