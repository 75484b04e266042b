package io.accrete.coordinator.plan;

import io.accrete.coordinator.yaml.Position;
import io.accrete.protocol.job.Problem.Severity;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Faults that many tensors share, so that one sentence tells of all of them. */
final class TensorFaults {
    private final Map<Fault, Set<String>> tensors = new LinkedHashMap<>();

    /**
     * @param sentence goes before the names of the tensors
     */
    record Fault(
            Severity severity, String code, Optional<Position> at, String sentence, String fix) {}

    void error(String code, Position at, String sentence, String fix, String tensor) {
        note(new Fault(Severity.ERROR, code, Optional.of(at), sentence, fix), tensor);
    }

    void warning(String code, Position at, String sentence, String fix, String tensor) {
        note(new Fault(Severity.WARNING, code, Optional.of(at), sentence, fix), tensor);
    }

    void note(Fault fault, String tensor) {
        tensors.computeIfAbsent(fault, f -> new LinkedHashSet<>()).add(tensor);
    }

    void reportTo(ProblemList problems) {
        tensors.forEach(
                (fault, names) ->
                        problems.add(
                                fault.severity,
                                fault.code,
                                fault.at,
                                fault.sentence + ": " + listed(names),
                                fault.fix));
    }

    private static String listed(Set<String> names) {
        String first = "`" + names.iterator().next() + "`";
        return switch (names.size()) {
            case 1 -> first;
            case 2 -> first + " and one further tensor";
            default -> first + " and " + (names.size() - 1) + " further tensors";
        };
    }
}
