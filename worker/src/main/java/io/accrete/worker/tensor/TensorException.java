package io.accrete.worker.tensor;

import org.jspecify.annotations.Nullable;

/** The native engine failed at a calculation. */
public final class TensorException extends RuntimeException {
    private static final long serialVersionUID = 1;

    TensorException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
