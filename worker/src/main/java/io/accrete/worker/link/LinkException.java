package io.accrete.worker.link;

import java.io.IOException;

/** An edge between two processes broke. Nothing comes over it any more; a new epoch begins. */
public final class LinkException extends IOException {
    private static final long serialVersionUID = 1;

    LinkException(String message) {
        super(message);
    }

    LinkException(String message, IOException cause) {
        super(message, cause);
    }
}
