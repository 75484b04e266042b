package io.accrete.protocol.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Text that people wrote, or programs for them, and that has a length beyond which it is none. */
public final class BoundedText {
    private BoundedText() {}

    /** A file is longer than what it should hold can be. */
    public static final class TooLongException extends IOException {
        private static final long serialVersionUID = 1L;

        private TooLongException(Path file, int bytesMax) {
            super("%s is longer than the %,d bytes allowed".formatted(file, bytesMax));
        }
    }

    /**
     * The text of a file or pipe, of which at most one byte more than allowed is read.
     *
     * @throws TooLongException if it has more than {@code bytesMax} bytes
     * @throws java.nio.charset.CharacterCodingException if it is not UTF-8
     */
    public static String read(Path file, int bytesMax) throws IOException {
        // Not by the file's size, which pipes do not have.
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(bytesMax + 1);
        }
        if (bytes.length > bytesMax) {
            throw new TooLongException(file, bytesMax);
        }
        return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    }
}
