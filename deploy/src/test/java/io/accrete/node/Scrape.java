package io.accrete.node;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A page in the text format of Prometheus, version 0.0.4, read by its grammar alone and strictly:
 * what is not in the grammar is an error, as are samples that come twice, families that are not
 * told of in one piece, and values that their type does not allow.
 *
 * @param samples value of each sample, by its name and labels as they are written
 * @param types of the families
 */
record Scrape(Map<String, Double> samples, Map<String, String> types) {
    private static final Pattern COMMENT =
            Pattern.compile("# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)");
    private static final Pattern LABELS =
            Pattern.compile(
                    "\\{(?:[a-zA-Z_][a-zA-Z0-9_]*=\"(?:[^\"\\\\\n]|\\\\[\"\\\\n])*\",?)*\\}");
    private static final Pattern SAMPLE =
            Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(\\{.*\\})? (\\S+)");
    private static final Set<String> TYPES =
            Set.of("counter", "gauge", "histogram", "summary", "untyped");

    static Scrape of(String page) {
        Map<String, Double> samples = new LinkedHashMap<>();
        Map<String, String> types = new HashMap<>();
        Set<String> closed = new HashSet<>();
        String family = "";
        require(page.endsWith("\n"), "the last line has no end");
        for (String line : page.lines().toList()) {
            if (line.startsWith("#")) {
                Matcher comment = COMMENT.matcher(line);
                require(comment.matches(), line);
                if (!comment.group(2).equals(family)) {
                    require(closed.add(family), "told of in two pieces: " + family);
                    family = comment.group(2);
                    require(!closed.contains(family), "told of in two pieces: " + line);
                }
                if (comment.group(1).equals("TYPE")) {
                    require(TYPES.contains(comment.group(3)), line);
                    require(types.put(family, comment.group(3)) == null, line);
                }
                continue;
            }
            Matcher sample = SAMPLE.matcher(line);
            require(sample.matches(), line);
            String labels = sample.group(2) == null ? "" : sample.group(2);
            require(labels.isEmpty() || LABELS.matcher(labels).matches(), line);
            String type = types.getOrDefault(family, "none");
            require(belongs(sample.group(1), family, type), line);
            double value = value(sample.group(3));
            require(type.equals("gauge") || value >= 0, line);
            require(samples.put(sample.group(1) + labels, value) == null, "twice: " + line);
        }
        return new Scrape(samples, types);
    }

    private static boolean belongs(String name, String family, String type) {
        return switch (type) {
            case "histogram" ->
                    Set.of(family + "_bucket", family + "_sum", family + "_count").contains(name);
            case "counter" -> name.equals(family) && name.endsWith("_total");
            case "gauge" -> name.equals(family);
            default -> false;
        };
    }

    private static double value(String text) {
        return text.equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(text);
    }

    private static void require(boolean holds, String line) {
        if (!holds) {
            throw new AssertionError("not the text format: " + line);
        }
    }

    double value(String name, String labels) {
        Double value = samples.get(name + labels);
        require(value != null, "there is no " + name + labels);
        return value == null ? Double.NaN : value;
    }
}
