package io.accrete.cli;

import io.accrete.protocol.job.Problem;

import org.jspecify.annotations.Nullable;

import java.util.List;

/** A command that ends because of problems with what it was given. */
final class Refusal extends Exception {
    private static final long serialVersionUID = 1;
    private final ExitCode exitCode;
    private final transient List<Problem> problems;

    Refusal(ExitCode exitCode, List<Problem> problems) {
        super(problems.isEmpty() ? exitCode.name() : problems.getFirst().message());
        this.exitCode = exitCode;
        this.problems = List.copyOf(problems);
    }

    /** For one problem that is not in a line of a file. */
    static Refusal of(
            ExitCode exitCode, String code, @Nullable String file, String message, String fix) {
        return new Refusal(exitCode, List.of(Problem.error(code, file, message, fix)));
    }

    ExitCode exitCode() {
        return exitCode;
    }

    List<Problem> problems() {
        return problems;
    }
}
