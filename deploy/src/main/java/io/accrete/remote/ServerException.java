package io.accrete.remote;

import io.accrete.protocol.http.ProblemDetail;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** A server that does not answer, or answers that it will not. */
public final class ServerException extends Exception {
    private static final long serialVersionUID = 1;

    private final transient Optional<ProblemDetail> problem;
    private final transient List<Outage> outages;

    private ServerException(
            String message,
            Optional<ProblemDetail> problem,
            List<Outage> outages,
            @Nullable Throwable cause) {
        super(message, cause);
        this.problem = problem;
        this.outages = outages;
    }

    /**
     * @param outages of each server that was asked
     * @param cause the last of them
     */
    static ServerException unreachable(List<Outage> outages, @Nullable Throwable cause) {
        return new ServerException(
                outages.stream().map(Outage::toString).collect(Collectors.joining("; ")),
                Optional.empty(),
                List.copyOf(outages),
                cause);
    }

    static ServerException refused(ProblemDetail problem) {
        return new ServerException(problem.detail(), Optional.of(problem), List.of(), null);
    }

    /** What the server said; empty where none answered. */
    public Optional<ProblemDetail> problem() {
        return problem;
    }

    /** What to do where none answered. */
    public String fix() {
        return outages.stream().map(Outage::fix).distinct().collect(Collectors.joining("; "));
    }

    /** Whether it may help to ask again. */
    public boolean isPassing() {
        return problem.map(detail -> detail.status() == ServerRing.BUSY)
                .orElseGet(() -> outages.stream().anyMatch(Outage::isPassing));
    }
}
