package io.accrete.remote;

import io.accrete.protocol.http.ProblemDetail;

import org.jspecify.annotations.Nullable;

import java.util.Optional;

import javax.net.ssl.SSLException;

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
        return new ServerException(
                "%s cannot be reached: %s".formatted(server, why(cause)), Optional.empty(), cause);
    }

    private static String why(Throwable cause) {
        String said =
                cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        if (!(cause instanceof SSLException)) {
            return said.contains("received no bytes")
                    ? "it ends the connection without an answer; does it serve https?"
                    : said;
        }
        if (said.contains("PKIX")) {
            return "nobody whom this machine trusts has signed its certificate; --ca-file names"
                    + " the certificate of its CA";
        }
        return said.contains("subject alternative") || said.contains("No name matching")
                ? "its certificate is one for another name: " + said
                : "no encrypted connection: " + said;
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
