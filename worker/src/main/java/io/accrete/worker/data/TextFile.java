package io.accrete.worker.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** A file of text in UTF-8, read whole and without any translation. */
final class TextFile {
    /** Half of what fits into a string: beyond it a text is better given in parts. */
    static final long MAX_BYTES = 1L << 30;

    private TextFile() {}

    /**
     * @throws DataException if it is not there, too long, or no UTF-8
     */
    static String read(Path file) throws IOException {
        try {
            long size = Files.size(file);
            if (Files.isDirectory(file)) {
                throw fault(file, "DAT-003", "it is a folder", "name a file of text or rows");
            }
            if (size > MAX_BYTES) {
                throw fault(
                        file,
                        "DAT-004",
                        "it has %,d bytes; at most %,d are read at once".formatted(size, MAX_BYTES),
                        "split it into several files");
            }
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(Files.readAllBytes(file)))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new DataException(
                    "DAT-005", file, 0, "it is no text in UTF-8", "convert it to UTF-8", e);
        } catch (NoSuchFileException e) {
            throw new DataException(
                    "DAT-006",
                    file,
                    0,
                    "there is no such file",
                    "check the name; relative paths count from the current directory",
                    e);
        }
    }

    private static DataException fault(Path file, String code, String sentence, String fix) {
        return new DataException(code, file, 0, sentence, fix, null);
    }
}
