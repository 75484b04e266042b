package io.accrete.coordinator.yaml;

import io.accrete.protocol.job.Problem;
import io.accrete.protocol.job.Problem.Severity;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The problems found so far in one text, up to a bound. */
public final class ProblemLog {
    private static final int MOST = 200;

    private final TextKind kind;
    private final boolean strict;
    private final Set<Problem> problems = new LinkedHashSet<>();
    private final Map<Fault, Integer> errorsByFault = new HashMap<>();
    private int errors;
    private int unlistedErrors;
    private int unlistedWarnings;

    /**
     * @param strict slips are errors
     */
    public ProblemLog(TextKind kind, boolean strict) {
        this.kind = kind;
        this.strict = strict;
    }

    public void error(Fault fault, Position at, String message, String fix) {
        add(Severity.ERROR, fault, at, message, fix);
    }

    /** Something that could be let pass: a warning, or an error where the user wants it strict. */
    public void slip(Fault fault, Position at, String message, String fix) {
        add(strict ? Severity.ERROR : Severity.WARNING, fault, at, message, fix);
    }

    TextKind kind() {
        return kind;
    }

    private void add(Severity severity, Fault fault, Position at, String message, String fix) {
        // the same place is reached twice where an alias is used twice
        Problem problem =
                new Problem(
                        severity,
                        kind.code(fault),
                        at.file(),
                        at.line(),
                        at.column(),
                        message,
                        fix,
                        at.column() > at.snippet().length() + 1 ? null : at.snippet());
        if (problems.contains(problem)) {
            return;
        }
        if (problem.isError()) {
            errors++;
            errorsByFault.merge(fault, 1, Integer::sum);
            if (errors > MOST) {
                unlistedErrors++;
                return;
            }
        } else if (problems.size() - errors >= MOST) {
            unlistedWarnings++;
            return;
        }
        problems.add(problem);
    }

    /** How many errors there are that are not of this kind. */
    public int errorsBeside(Fault fault) {
        return errors - errorsByFault.getOrDefault(fault, 0);
    }

    public boolean hasErrors() {
        return errors > 0;
    }

    /** In the order of the text. */
    public List<Problem> inOrder() {
        List<Problem> sorted = new ArrayList<>(problems);
        sorted.sort(
                Comparator.comparing(Problem::line, Comparator.nullsLast(Integer::compare))
                        .thenComparing(Problem::column, Comparator.nullsLast(Integer::compare)));
        if (unlistedErrors + unlistedWarnings > 0) {
            sorted.add(
                    new Problem(
                            unlistedErrors > 0 ? Severity.ERROR : Severity.WARNING,
                            kind.code(YamlFault.LIMIT),
                            sorted.getLast().file(),
                            null,
                            null,
                            unlistedErrors
                                    + " further errors and "
                                    + unlistedWarnings
                                    + " further warnings are not listed",
                            "mend the first ones and look again",
                            null));
        }
        return sorted;
    }
}
