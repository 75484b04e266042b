package io.accrete.protocol.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where a value stands in a valid JSON text.
 *
 * @param text the whole text
 * @param start of the value's first character
 * @param end of the character after its last
 */
record JsonSpan(String text, int start, int end) {

    /** A key and its value in an object. */
    record Member(String key, int keyStart, JsonSpan value) {

        /** The blanks before the key: none, one, or a newline and an indentation. */
        String gap(String text) {
            int blank = keyStart;
            while (isBlank(text.charAt(blank - 1))) {
                blank--;
            }
            return text.substring(blank, keyStart);
        }
    }

    static JsonSpan root(String text) {
        int start = skipBlanks(text, 0);
        return new JsonSpan(text, start, endOfValue(text, start));
    }

    boolean isObject() {
        return text.charAt(start) == '{';
    }

    /** Whether it is a list or an object that takes several lines. */
    boolean isSpread() {
        int newline = text.indexOf('\n', start);
        return newline >= 0 && newline < end;
    }

    /** The blanks at the beginning of the line that the value starts in. */
    String lineIndent() {
        int line = text.lastIndexOf('\n', start) + 1;
        int first = line;
        while (text.charAt(first) == ' ' || text.charAt(first) == '\t') {
            first++;
        }
        return text.substring(line, first);
    }

    /** The member of that name; the last one, as JSON parsers read it, if there are several. */
    Optional<Member> member(String key) {
        return members().reversed().stream().filter(m -> m.key().equals(key)).findFirst();
    }

    List<Member> members() {
        List<Member> members = new ArrayList<>();
        int at = skipBlanks(text, start + 1);
        while (text.charAt(at) != '}') {
            int keyStart = at;
            int keyEnd = endOfValue(text, keyStart);
            int colon = skipBlanks(text, keyEnd);
            int valueStart = skipBlanks(text, colon + 1);
            int valueEnd = endOfValue(text, valueStart);
            members.add(
                    new Member(
                            ModelJson.string(text.substring(keyStart, keyEnd)),
                            keyStart,
                            new JsonSpan(text, valueStart, valueEnd)));
            at = skipBlanks(text, valueEnd);
            if (text.charAt(at) == ',') {
                at = skipBlanks(text, at + 1);
            }
        }
        return members;
    }

    private static int endOfValue(String text, int start) {
        return switch (text.charAt(start)) {
            case '"' -> endOfString(text, start);
            case '{', '[' -> endOfNest(text, start);
            default -> {
                int end = start;
                while (end < text.length() && ",]} \t\r\n".indexOf(text.charAt(end)) < 0) {
                    end++;
                }
                yield end;
            }
        };
    }

    private static int endOfNest(String text, int start) {
        int depth = 0;
        int at = start;
        while (true) {
            switch (text.charAt(at)) {
                case '"' -> at = endOfString(text, at) - 1;
                case '{', '[' -> depth++;
                case '}', ']' -> depth--;
                default -> {
                    // a character of a scalar, a comma, a colon or a blank
                }
            }
            at++;
            if (depth == 0) {
                return at;
            }
        }
    }

    private static int endOfString(String text, int start) {
        int at = start + 1;
        while (text.charAt(at) != '"') {
            at += text.charAt(at) == '\\' ? 2 : 1;
        }
        return at + 1;
    }

    private static int skipBlanks(String text, int start) {
        int at = start;
        while (at < text.length() && isBlank(text.charAt(at))) {
            at++;
        }
        return at;
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t' || c == '\r' || c == '\n';
    }
}
