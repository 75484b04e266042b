package io.accrete.coordinator.merge;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** What there is to say about room on the file system of an output. */
final class DiskSpace {
    private DiskSpace() {}

    /** Java has no type for it: the words of the C library are all there is. */
    static boolean isExhausted(Throwable failure) {
        String message = failure.getMessage();
        return failure instanceof IOException
                && message != null
                && (message.contains("No space left on device")
                        || message.contains("Disk quota exceeded"));
    }

    /** Bytes free for this user where the job works; the nearest folder that exists counts. */
    static long usableBytes(Staging staging) throws IOException {
        Path place = staging.root();
        while (!Files.exists(place)) {
            Path parent = place.getParent();
            if (parent == null) {
                throw new IOException(place + ": no folder above it exists");
            }
            place = parent;
        }
        FileStore store = Files.getFileStore(place);
        return store.getUsableSpace();
    }

    static String sentence(Staging staging, long bytesNeeded, @Nullable String cause) {
        String free;
        try {
            free = String.format(Locale.ROOT, "%,d are free", usableBytes(staging));
        } catch (IOException e) {
            free = "how many are free is unknown (" + e.getMessage() + ")";
        }
        return String.format(
                Locale.ROOT,
                "no space left on the file system of %s (%s): %,d bytes are still to be written,"
                        + " %s. What is done is kept: make room and run the same command again",
                staging.output(),
                cause,
                bytesNeeded,
                free);
    }
}
