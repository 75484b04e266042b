package io.accrete.worker.train;

import java.io.IOException;

/** A file is not the one that the training was planned with. */
public final class SourceChangedException extends IOException {
    private static final long serialVersionUID = 1;

    SourceChangedException(String sentence) {
        super(sentence);
    }
}
