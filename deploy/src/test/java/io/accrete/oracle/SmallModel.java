package io.accrete.oracle;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The smallest real model that there is. */
public final class SmallModel {
    private SmallModel() {}

    /** Where it is; skips the test where there is none. */
    public static Path folder() {
        return Material.data().resolve("models/stories260k-hf");
    }

    /** A copy of its files in a new folder. */
    public static void copyTo(Path copy) throws IOException {
        Files.createDirectories(copy);
        try (Stream<Path> files = Files.list(folder())) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
    }
}
