package io.accrete.protocol.tensor;

/**
 * A text from a foreign file as a terminal may be shown it: names in a header can hold anything,
 * also what moves the cursor, colours the screen or answers in place of the person.
 */
public final class PlainText {
    private PlainText() {}

    /** The text with what is not printable escaped as {@code \}{@code u{1b}}. */
    public static String of(String text) {
        if (text.codePoints().allMatch(PlainText::isPrintable)) {
            return text;
        }
        StringBuilder shown = new StringBuilder();
        text.codePoints()
                .forEach(
                        point -> {
                            if (isPrintable(point)) {
                                shown.appendCodePoint(point);
                            } else {
                                shown.append("\\u{%x}".formatted(point));
                            }
                        });
        return shown.toString();
    }

    /** Whether a character takes a place in its line and does nothing else. */
    public static boolean isPrintable(int point) {
        return switch (Character.getType(point)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR ->
                    false;
            default -> true;
        };
    }
}
