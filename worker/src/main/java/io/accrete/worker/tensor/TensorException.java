package io.accrete.worker.tensor;

/** The native engine failed at a calculation. */
public final class TensorException extends RuntimeException {
    private static final long serialVersionUID = 1;

    TensorException(String message, Throwable cause) {
        super(message, cause);
    }
}
