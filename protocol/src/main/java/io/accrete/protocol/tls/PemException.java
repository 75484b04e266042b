package io.accrete.protocol.tls;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Path;

/** A file of certificates or keys that cannot be used, and why. */
public final class PemException extends IOException {
    private static final long serialVersionUID = 1;

    private final String file;
    private final String fix;

    PemException(Path file, String sentence, String fix, @Nullable Throwable cause) {
        super(sentence, cause);
        this.file = file.toString();
        this.fix = fix;
    }

    PemException(Path file, String sentence, String fix) {
        this(file, sentence, fix, null);
    }

    public String file() {
        return file;
    }

    public String fix() {
        return fix;
    }
}
