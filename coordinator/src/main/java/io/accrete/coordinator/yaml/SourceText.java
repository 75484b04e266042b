package io.accrete.coordinator.yaml;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The text of a file by lines, as YAML counts them. */
public final class SourceText {
    /** Longer lines are cut where they are shown. */
    private static final int LONGEST_SNIPPET = 160;

    private final String file;
    private final String text;
    private final List<Integer> starts = new ArrayList<>();
    private final Map<Integer, String> snippets = new HashMap<>();

    public SourceText(String file, String text) {
        this.file = file;
        this.text = text;
        starts.add(0);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\n' || c == '\r' && (i + 1 == text.length() || text.charAt(i + 1) != '\n')) {
                starts.add(i + 1);
            }
        }
    }

    String text() {
        return text;
    }

    /** Of a line and a column that count from 0, the column in code points. */
    public Position at(int line, int column) {
        int known = Math.min(line, starts.size() - 1);
        return new Position(
                file, known + 1, column + 1, snippets.computeIfAbsent(known, this::snippet));
    }

    /** Of a character of the text. */
    public Position atIndex(int index) {
        int line = Collections.binarySearch(starts, index);
        int known = line >= 0 ? line : -line - 2;
        return at(known, text.codePointCount(starts.get(known), index));
    }

    private String snippet(int line) {
        int start = starts.get(line);
        int end = line + 1 < starts.size() ? starts.get(line + 1) : text.length();
        // a byte order mark is not shown, as YAML does not count it
        int begin = start == 0 && text.startsWith("\uFEFF") ? 1 : start;
        String whole = text.substring(begin, Math.min(end, begin + 2 * LONGEST_SNIPPET));
        String shown = Words.printable(whole.stripTrailing());
        return shown.codePointCount(0, shown.length()) <= LONGEST_SNIPPET
                ? shown
                : shown.substring(0, shown.offsetByCodePoints(0, LONGEST_SNIPPET - 1)) + "…";
    }
}
