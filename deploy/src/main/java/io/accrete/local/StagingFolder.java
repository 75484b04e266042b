package io.accrete.local;

import io.accrete.coordinator.drive.DurableFiles;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The end of a staging folder. */
final class StagingFolder {
    private StagingFolder() {}

    /**
     * The lock goes last, so that nobody enters a folder that is half gone. The driver of the job
     * may still be cleaning up in it.
     */
    static void delete(Path staging) throws IOException {
        Path lock = staging.resolve(StagingLock.FILE);
        List<Path> contents;
        try (Stream<Path> files = Files.list(staging)) {
            contents = files.filter(file -> !file.equals(lock)).toList();
        }
        for (Path file : contents) {
            DurableFiles.deleteTree(file);
        }
        Files.deleteIfExists(lock);
        Files.deleteIfExists(staging);
    }
}
