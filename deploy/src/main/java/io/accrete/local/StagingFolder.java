package io.accrete.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The end of a staging folder. */
final class StagingFolder {
    private StagingFolder() {}

    /** The lock goes last, so that nobody enters a folder that is half gone. */
    static void delete(Path staging) throws IOException {
        Path lock = staging.resolve(StagingLock.FILE);
        List<Path> contents;
        try (Stream<Path> files = Files.walk(staging)) {
            contents =
                    files.filter(file -> !file.equals(staging) && !file.equals(lock))
                            .sorted(Comparator.reverseOrder())
                            .toList();
        }
        for (Path file : contents) {
            Files.delete(file);
        }
        Files.deleteIfExists(lock);
        Files.delete(staging);
    }
}
