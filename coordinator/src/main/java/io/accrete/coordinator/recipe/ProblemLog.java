package io.accrete.coordinator.recipe;

import io.accrete.protocol.job.Problem;
import io.accrete.protocol.job.Problem.Severity;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The problems found so far in one text, up to a bound. */
final class ProblemLog {
    private static final int MOST = 200;

    private final boolean strict;
    private final Set<Problem> problems = new LinkedHashSet<>();
    private final Map<RecipeFault, Integer> errorsByFault = new EnumMap<>(RecipeFault.class);
    private int errors;
    private int unlistedErrors;
    private int unlistedWarnings;

    /**
     * @param strict slips are errors
     */
    ProblemLog(boolean strict) {
        this.strict = strict;
    }

    void error(RecipeFault fault, Position at, String message, String fix) {
        add(Severity.ERROR, fault, at, message, fix);
    }

    /** Something that mergekit swallows: a warning, or an error where the user wants it strict. */
    void slip(RecipeFault fault, Position at, String message, String fix) {
        add(strict ? Severity.ERROR : Severity.WARNING, fault, at, message, fix);
    }

    private void add(
            Severity severity, RecipeFault fault, Position at, String message, String fix) {
        // the same place is reached twice where an alias is used twice
        Problem problem =
                new Problem(
                        severity,
                        fault.code(),
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
    int errorsBeside(RecipeFault fault) {
        return errors - errorsByFault.getOrDefault(fault, 0);
    }

    boolean hasErrors() {
        return errors > 0;
    }

    /** In the order of the text. */
    List<Problem> inOrder() {
        List<Problem> sorted = new ArrayList<>(problems);
        sorted.sort(
                Comparator.comparing(Problem::line, Comparator.nullsLast(Integer::compare))
                        .thenComparing(Problem::column, Comparator.nullsLast(Integer::compare)));
        if (unlistedErrors + unlistedWarnings > 0) {
            sorted.add(
                    new Problem(
                            unlistedErrors > 0 ? Severity.ERROR : Severity.WARNING,
                            RecipeFault.LIMIT.code(),
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
