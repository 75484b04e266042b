package io.accrete.coordinator.drive;

import org.jspecify.annotations.Nullable;

import java.util.Locale;

/** What there is to say about room on the file system of an output. */
public final class OutputRoom {
    private OutputRoom() {}

    public static String sentence(Staging staging, long bytesNeeded, @Nullable String cause) {
        return String.format(
                Locale.ROOT,
                "no space left on the file system of %s: %,d bytes are still to be written, %,d are"
                        + " free (%s). What is done is kept: make room and run the same command"
                        + " again",
                staging.output(),
                bytesNeeded,
                OutputVolume.of(staging.output()).freeBytes(),
                cause);
    }
}
