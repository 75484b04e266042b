package io.accrete.protocol.http;

import io.accrete.protocol.job.Problem;

import java.util.List;

/**
 * An error answer: a problem document of RFC 9457.
 *
 * @param type always {@code about:blank}: the code says more
 * @param title of the status
 * @param status of HTTP
 * @param code stable, e.g. {@code API-404}
 * @param detail what was found, what is allowed, what to do
 * @param errors faults of the submitted text, each with its place
 */
public record ProblemDetail(
        String type, String title, int status, String code, String detail, List<Problem> errors) {
    public ProblemDetail {
        errors = List.copyOf(errors);
    }

    public static ProblemDetail of(int status, String title, String code, String detail) {
        return new ProblemDetail("about:blank", title, status, code, detail, List.of());
    }

    public ProblemDetail withErrors(List<Problem> found) {
        return new ProblemDetail(type, title, status, code, detail, found);
    }
}
