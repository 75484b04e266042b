package io.accrete.worker.tensor;

/** The native engine does not start here, and will not start if it is tried again. */
public final class EngineException extends RuntimeException {
    private static final long serialVersionUID = 1;

    EngineException(String message, Throwable cause) {
        super(message, cause);
    }
}
