package io.accrete.coordinator.observe;

import io.accrete.coordinator.observe.Report.Table;

import java.util.List;
import java.util.Locale;

/** What growth costs, and what is known about models of that size. */
final class SizeAdvice {
    /** Of the heuristic that capacity grows as a power of the parameters. */
    private static final double EXPONENT = 0.7;

    private static final double BILLION = 1e9;

    private SizeAdvice() {}

    static Table table(TrainingReport.Subject subject) {
        TrainingReport.Size base = subject.base();
        TrainingReport.Size own = subject.own();
        double capacity =
                Math.pow((double) own.parameters() / Math.max(1, base.parameters()), EXPONENT);
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
                                own.keyValueBytes()),
                        List.of(
                                "capacity by parameters^0.7",
                                "1",
                                String.format(Locale.ROOT, "%.2f", capacity))),
                "The last row is a heuristic without a source, never a result. "
                        + advice(base.parameters()));
    }

    /** From published growth runs; judgement, not measurement. */
    private static String advice(long parameters) {
        double billions = parameters / BILLION;
        if (billions < 0.5) {
            return "A model this small shows how growth works; it says little about large ones.";
        }
        if (billions < 5) {
            return "At this size growth rarely beats a larger model that was trained as such.";
        }
        if (billions < 20) {
            return "Of this size are the successes: SOLAR 10.7B and Yi-9B grew by half and then"
                    + " read up to 800 billion tokens.";
        }
        if (billions < 200) {
            return "Merges of this size without training are known for style only; plan for"
                    + " billions of tokens, a teacher, and 1.25 to 1.5 times the depth.";
        }
        return "No evaluation of a grown model of this size is published.";
    }

    private static List<String> row(String name, long base, long own) {
        return List.of(
                name,
                String.format(Locale.ROOT, "%,d", base),
                String.format(Locale.ROOT, "%,d", own));
    }
}
