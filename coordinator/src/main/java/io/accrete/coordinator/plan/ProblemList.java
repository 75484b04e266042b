package io.accrete.coordinator.plan;

import io.accrete.coordinator.yaml.Position;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.job.Problem.Severity;
import io.accrete.protocol.job.Quantity;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;

/**
 * Gathers what is wrong, so that a plan names all of it at once, or the first of very much. Says
 * each thing once.
 */
final class ProblemList {
    /** With the sentence about the rest they are as many as a job lists. */
    static final int ERRORS_MAX = 100;

    static final int WARNINGS_MAX = 99;

    private final LinkedHashSet<Problem> problems = new LinkedHashSet<>();
    private int errors;
    private int warnings;

    void error(String code, Position at, String message, String fix) {
        add(Severity.ERROR, code, Optional.of(at), message, fix);
    }

    void error(String code, String message, String fix) {
        add(Severity.ERROR, code, Optional.empty(), message, fix);
    }

    void warning(String code, Position at, String message, String fix) {
        add(Severity.WARNING, code, Optional.of(at), message, fix);
    }

    void warning(String code, String message, String fix) {
        add(Severity.WARNING, code, Optional.empty(), message, fix);
    }

    void add(Severity severity, String code, Optional<Position> at, String message, String fix) {
        add(
                new Problem(
                        severity,
                        code,
                        at.map(Position::file).orElse(null),
                        at.map(Position::line).orElse(null),
                        at.map(Position::column).orElse(null),
                        message,
                        fix,
                        at.map(Position::snippet).orElse(null)));
    }

    /** Of a file that is not the recipe. */
    void add(Severity severity, String code, String file, String message, String fix) {
        add(new Problem(severity, code, file, null, null, message, fix, null));
    }

    void add(Problem problem) {
        if (problems.contains(problem)) {
            return;
        }
        boolean listed = problem.isError() ? ++errors <= ERRORS_MAX : ++warnings <= WARNINGS_MAX;
        if (listed) {
            problems.add(problem);
        }
    }

    boolean hasErrors() {
        return errors > 0;
    }

    /**
     * @param strict warnings count as errors
     */
    List<Problem> all(boolean strict) {
        List<Problem> all = new ArrayList<>(problems);
        int moreErrors = Math.max(0, errors - ERRORS_MAX);
        int moreWarnings = Math.max(0, warnings - WARNINGS_MAX);
        if (moreErrors + moreWarnings > 0) {
            Problem more =
                    Problem.error(
                            "PLN-060",
                            null,
                            "and %s and %s more"
                                    .formatted(
                                            Quantity.of(moreErrors, "error"),
                                            Quantity.of(moreWarnings, "warning")),
                            "mend these first");
            all.add(moreErrors > 0 ? more : more.asWarning());
        }
        return strict ? all.stream().map(Problem::asError).toList() : List.copyOf(all);
    }
}
