package io.accrete.worker.data;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** A file of text in UTF-8, read whole and without any translation. */
final class TextFile {
    /** Half of what fits into a string: beyond it a text is better given in parts. */
    private static final long BYTES_MAX = 1L << 30;

    /** The text, its ids, and rows of them take up to this times its bytes. */
    private static final int MEMORY_PER_BYTE = 16;

    private TextFile() {}

    /**
     * @throws DataException if it is not there, too long, or no UTF-8
     */
    static String read(Path file) throws IOException {
        long memory = Runtime.getRuntime().maxMemory();
        return read(file, Math.min(BYTES_MAX, memory / MEMORY_PER_BYTE));
    }

    static String read(Path file, long most) throws IOException {
        try {
            long size = Files.size(file);
            if (Files.isDirectory(file)) {
                throw fault(file, "DAT-003", "it is a folder", "name a file of text or rows");
            }
            if (size > most) {
                throw fault(
                        file,
                        "DAT-004",
                        ("it has %,d bytes; in the memory of this process at most %,d are read at"
                                        + " once")
                                .formatted(size, most),
                        "split it into several files, or give the process more memory: 16 times as"
                                + " much as the file, e.g. ACCRETE_JAVA_OPTS=-Xmx8g");
            }
            return Files.readString(file);
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
