package io.accrete.coordinator.observe;

import io.accrete.coordinator.observe.Report.Table;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What growth costs, and what is known about models of that size. */
final class SizeAdvice {
    private SizeAdvice() {}

    static Table table(TrainingReport.Subject subject) {
        TrainingReport.Size base = subject.base();
        TrainingReport.Size own = subject.own();
        return new Table(
                "What depth costs",
                List.of("", "base", "result"),
                List.of(
                        row("layers", base.layers(), own.layers()),
                        row("parameters", base.parameters(), own.parameters()),
                        row("operations a token, forward", base.operations(), own.operations()),
                        row(
                                "key-value cache, bytes a token",
                                base.keyValueBytes(),
                                own.keyValueBytes())),
                subject.advice().stream()
                        .map(SizeAdvice::sentence)
                        .collect(Collectors.joining(" ")));
    }

    private static String sentence(String words) {
        return words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1) + ".";
    }

    private static List<String> row(String name, long base, long own) {
        return List.of(
                name,
                String.format(Locale.ROOT, "%,d", base),
                String.format(Locale.ROOT, "%,d", own));
    }
}
