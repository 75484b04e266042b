package io.accrete.protocol.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * A file of texts or rows as it was when a training was planned.
 *
 * @param path absolute
 * @param modifiedNanos time of last modification, nanoseconds since 1970
 */
public record DataFile(String path, long bytes, long modifiedNanos) {

    /**
     * @throws java.nio.file.NoSuchFileException if it is not there
     */
    public static DataFile of(Path file) throws IOException {
        return new DataFile(
                file.toString(),
                Files.size(file),
                Files.getLastModifiedTime(file).to(TimeUnit.NANOSECONDS));
    }
}
