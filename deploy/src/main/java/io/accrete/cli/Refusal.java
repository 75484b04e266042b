package io.accrete.cli;

import io.accrete.protocol.job.Problem;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A command that ends because of problems with what it was given. */
final class Refusal extends Exception {
    private static final long serialVersionUID = 1;
    private final ExitCode exitCode;
    private final transient List<Problem> problems;

    private final transient Optional<String> key;

    Refusal(ExitCode exitCode, List<Problem> problems) {
        this(exitCode, problems, Optional.empty());
    }

    private Refusal(ExitCode exitCode, List<Problem> problems, Optional<String> key) {
        super(problems.isEmpty() ? exitCode.name() : problems.getFirst().message());
        this.exitCode = exitCode;
        this.problems = List.copyOf(problems);
        this.key = key;
    }

    /** For one problem that is not in a line of a file. */
    static Refusal of(
            ExitCode exitCode, String code, @Nullable String file, String message, String fix) {
        return new Refusal(exitCode, List.of(Problem.error(code, file, message, fix)));
    }

    /** The same, where nobody knows whether the job that was sent with this key was taken. */
    Refusal mayHaveArrived(String sent) {
        List<Problem> told = new ArrayList<>(problems);
        Problem first = told.removeFirst();
        String again =
                "submit again with --key %s: it gives the same job if this one was taken"
                        .formatted(sent);
        told.addFirst(
                Problem.error(
                        first.code(),
                        first.file(),
                        first.message(),
                        first.fix().isBlank() ? again : first.fix() + "; then " + again));
        return new Refusal(exitCode, told, Optional.of(sent));
    }

    /** With which a job can be submitted again. */
    Optional<String> key() {
        return key;
    }

    ExitCode exitCode() {
        return exitCode;
    }

    List<Problem> problems() {
        return problems;
    }
}
