package io.accrete.coordinator.yaml;

import io.accrete.protocol.tensor.PlainText;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Wording of problems: shortened quotes, and the name that was probably meant. */
public final class Words {
    private static final int LONGEST_QUOTE = 60;

    private Words() {}

    /** One line of at most 60 characters that a terminal can show. */
    public static String shortened(String text) {
        String line = printable(text);
        if (line.codePointCount(0, line.length()) <= LONGEST_QUOTE) {
            return line;
        }
        return line.substring(0, line.offsetByCodePoints(0, LONGEST_QUOTE - 1)) + "…";
    }

    /** Without characters that would move the cursor or colour the terminal. */
    public static String printable(String text) {
        if (text.codePoints().allMatch(PlainText::isPrintable)) {
            return text;
        }
        StringBuilder line = new StringBuilder();
        text.codePoints()
                .map(
                        c ->
                                PlainText.isPrintable(c)
                                        ? c
                                        : c == '\t' || c == '\n' || c == '\r' ? ' ' : 0xFFFD)
                .forEach(line::appendCodePoint);
        return line.toString();
    }

    /** {@code did you mean 'lambda'?} if one of the names is close, else empty. */
    public static String didYouMean(String written, Collection<String> names) {
        return closest(written, names).map(n -> "did you mean '" + n + "'?").orElse("");
    }

    /** The name that differs least, if it differs little. */
    public static Optional<String> closest(String written, Collection<String> names) {
        if (written.length() > LONGEST_QUOTE) {
            return Optional.empty();
        }
        String lower = bare(written);
        int allowed = Math.max(1, lower.length() / 3);
        return names.stream()
                .filter(name -> distance(lower, bare(name)) <= allowed)
                .min(Comparator.comparingInt(name -> distance(lower, bare(name))));
    }

    private static String bare(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[-_ .]", "");
    }

    /** Edits between two names, where two neighbours swapped are one edit. */
    static int distance(String a, String b) {
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    d[i][j] = i + j;
                    continue;
                }
                int same = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                d[i][j] = Math.min(d[i - 1][j - 1] + same, Math.min(d[i - 1][j], d[i][j - 1]) + 1);
                if (i > 1
                        && j > 1
                        && a.charAt(i - 1) == b.charAt(j - 2)
                        && a.charAt(i - 2) == b.charAt(j - 1)) {
                    d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
                }
            }
        }
        return d[a.length()][b.length()];
    }
}
