package io.accrete.worker.merge;

import io.accrete.protocol.wire.TaskFailure;

import org.jspecify.annotations.Nullable;

/** A task ended without its file; carries what to tell the pool. */
public final class TaskFailedException extends Exception {
    private static final long serialVersionUID = 1;

    private final transient TaskFailure failure;

    public TaskFailedException(TaskFailure.Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.failure = new TaskFailure(kind, message);
    }

    public TaskFailure failure() {
        return failure;
    }
}
