package io.accrete.coordinator.plan;

import io.accrete.coordinator.yaml.Position;
import io.accrete.protocol.job.Problem;
import io.accrete.protocol.job.Problem.Severity;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;

/** Gathers what is wrong, so that a plan names all of it at once. Says each thing once. */
final class ProblemList {
    private final LinkedHashSet<Problem> problems = new LinkedHashSet<>();

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
        problems.add(
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
        problems.add(new Problem(severity, code, file, null, null, message, fix, null));
    }

    void add(Problem problem) {
        problems.add(problem);
    }

    boolean hasErrors() {
        return problems.stream().anyMatch(Problem::isError);
    }

    /**
     * @param strict warnings count as errors
     */
    List<Problem> all(boolean strict) {
        if (!strict) {
            return List.copyOf(problems);
        }
        List<Problem> result = new ArrayList<>();
        for (Problem problem : problems) {
            result.add(
                    new Problem(
                            Severity.ERROR,
                            problem.code(),
                            problem.file(),
                            problem.line(),
                            problem.column(),
                            problem.message(),
                            problem.fix(),
                            problem.snippet()));
        }
        return result;
    }
}
