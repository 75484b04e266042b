package io.accrete.remote;

import java.io.IOException;
import java.io.UncheckedIOException;

/** Something in a stream of events that none of this version's events is. */
public final class UnreadableEventException extends UncheckedIOException {
    private static final long serialVersionUID = 1;

    UnreadableEventException(IOException cause) {
        super(cause);
    }
}
