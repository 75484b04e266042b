package io.accrete.coordinator.yaml;

import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;

/** Sentences for texts that are not YAML, or more of it than is reasonable. */
final class YamlFaults {
    private YamlFaults() {}

    /** Whether it is short enough and has only characters that YAML allows. */
    static boolean charactersAllowed(SourceText source, ProblemLog log) {
        String text = source.text();
        if (text.length() > YamlTree.MOST_CHARACTERS) {
            log.error(
                    YamlFault.LIMIT,
                    source.atIndex(0),
                    "the file has %,d characters; a %s may have %,d"
                            .formatted(text.length(), log.kind().noun(), YamlTree.MOST_CHARACTERS),
                    "check that it is a " + log.kind().noun());
            return false;
        }
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            if (!allowed(c)) {
                log.error(
                        YamlFault.CHARACTERS,
                        source.atIndex(i),
                        "the character U+%04X is not allowed in YAML".formatted(c),
                        c == 0xFFFE
                                ? "save the file as UTF-8"
                                : "remove it, or write it as an escape in double quotes");
                return false;
            }
            i += Character.charCount(c);
        }
        return true;
    }

    private static boolean allowed(int c) {
        return c == '\t'
                || c == '\n'
                || c == '\r'
                || c >= 0x20 && c <= 0x7E
                || c == 0x85
                || c >= 0xA0 && c <= 0xD7FF
                || c >= 0xE000 && c <= 0xFFFD
                || c >= 0x10000;
    }

    private static boolean says(YAMLException thrown, String start) {
        String message = thrown.getMessage();
        return message != null && message.startsWith(start);
    }

    /** What the parser threw, as a problem. */
    static void report(RuntimeException thrown, SourceText source, ProblemLog log) {
        switch (thrown) {
            case MarkedYAMLException e -> syntax(e, source, log);
            case YAMLException e when says(e, "Nesting Depth exceeded") ->
                    log.error(
                            YamlFault.LIMIT,
                            source.atIndex(0),
                            "values are nested more than %d deep".formatted(YamlTree.DEEPEST),
                            "a "
                                    + log.kind().noun()
                                    + " needs fewer than 20 levels; check that it is one");
            case YAMLException e when says(e, "Number of aliases") ->
                    log.error(
                            YamlFault.LIMIT,
                            source.atIndex(0),
                            "there are more than %,d aliases".formatted(YamlTree.MOST_ALIASES),
                            "split the " + log.kind().noun() + ", or write values out");
            default ->
                    log.error(
                            YamlFault.SYNTAX,
                            source.atIndex(0),
                            "this is not YAML: "
                                    + Words.shortened(String.valueOf(thrown.getMessage())),
                            "check that the file is a " + log.kind().noun());
        }
    }

    private static void syntax(MarkedYAMLException e, SourceText source, ProblemLog log) {
        Mark mark = e.getProblemMark() != null ? e.getProblemMark() : e.getContextMark();
        Position at =
                mark == null ? source.atIndex(0) : source.at(mark.getLine(), mark.getColumn());
        String problem = e.getProblem() == null ? "it cannot be read" : e.getProblem();
        String message = "YAML syntax: " + Words.printable(problem);
        if (e.getContext() != null) {
            message += " (" + Words.printable(e.getContext()) + whence(e, at) + ")";
        }
        log.error(YamlFault.SYNTAX, at, message, advice(problem, at));
    }

    private static String whence(MarkedYAMLException e, Position at) {
        Mark context = e.getContextMark();
        return context == null || context.getLine() + 1 == at.line()
                ? ""
                : " that began in line " + (context.getLine() + 1);
    }

    private static String advice(String problem, Position at) {
        if (problem.contains("\\t") || problem.contains("TAB")) {
            return "indent with spaces, not with tabs";
        }
        if (problem.contains("mapping values are not allowed")) {
            return "put the text in quotes if the colon belongs to it, or check the indentation";
        }
        if (problem.contains("undefined alias")) {
            return "define the anchor with & above the place where * uses it";
        }
        if (at.snippet().stripLeading().startsWith("%")) {
            return "a line that begins with % is a directive; put the text in quotes";
        }
        return "check brackets, quotes and indentation here and in the line before";
    }
}
