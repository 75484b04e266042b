package io.accrete.remote;

import io.accrete.protocol.http.ProblemDetail;

import org.jspecify.annotations.Nullable;

import java.util.Optional;

/** A server that does not answer, or answers that it will not. */
public final class ServerException extends Exception {
    private static final long serialVersionUID = 1;

    private final transient Optional<ProblemDetail> problem;

    private ServerException(
            String message, Optional<ProblemDetail> problem, @Nullable Throwable cause) {
        super(message, cause);
        this.problem = problem;
    }

    static ServerException unreachable(String server, Throwable cause) {
        String why =
                cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        return new ServerException(
                "%s cannot be reached: %s".formatted(server, why), Optional.empty(), cause);
    }

    static ServerException refused(ProblemDetail problem) {
        return new ServerException(problem.detail(), Optional.of(problem), null);
    }

    /** What the server said; empty where none answered. */
    public Optional<ProblemDetail> problem() {
        return problem;
    }

    /** Whether it may help to ask again. */
    public boolean isPassing() {
        return problem.isEmpty() || problem.get().status() == 503;
    }
}
