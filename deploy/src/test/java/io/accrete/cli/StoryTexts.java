package io.accrete.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A short text to train on, and one that is held back, as {@code text.txt} and {@code held.txt}.
 */
final class StoryTexts {
    private static final String TEXT =
            "Once upon a time there was a little dog. It liked to play in the sun.\n";

    private StoryTexts() {}

    static void write(Path folder) throws IOException {
        Files.writeString(folder.resolve("text.txt"), TEXT.repeat(40));
        Files.writeString(folder.resolve("held.txt"), TEXT.repeat(3));
    }
}
