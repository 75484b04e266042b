package io.accrete.worker.data;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Path;

/** Says in a sentence what is wrong with a file of texts or rows, and where. */
public final class DataException extends IOException {
    private static final long serialVersionUID = 1;

    private final String code;
    private final transient Path file;
    private final int line;
    private final String fix;

    /**
     * @param code stable, {@code DAT-...}
     * @param line 1-based; 0 where it is about the whole file
     */
    public DataException(
            String code,
            Path file,
            int line,
            String sentence,
            String fix,
            @Nullable Throwable cause) {
        super(sentence, cause);
        this.code = code;
        this.file = file;
        this.line = line;
        this.fix = fix;
    }

    public String code() {
        return code;
    }

    public Path file() {
        return file;
    }

    public int line() {
        return line;
    }

    public String fix() {
        return fix;
    }
}
