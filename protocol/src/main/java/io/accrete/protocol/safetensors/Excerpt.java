package io.accrete.protocol.safetensors;

/** A piece of a foreign text that is fit to stand in a message: quoted, short, printable. */
public final class Excerpt {

    private static final int MAX_CHARACTERS = 120;

    private Excerpt() {}

    /**
     * The text between back-ticks, its first 120 characters, with what is not printable escaped.
     */
    public static String of(String text) {
        StringBuilder shown = new StringBuilder("`");
        text.codePoints()
                .limit(MAX_CHARACTERS)
                .forEach(
                        point -> {
                            if (isPrintable(point)) {
                                shown.appendCodePoint(point);
                            } else {
                                shown.append("\\u{%x}".formatted(point));
                            }
                        });
        if (text.codePointCount(0, text.length()) > MAX_CHARACTERS) {
            shown.append("...");
        }
        return shown.append('`').toString();
    }

    private static boolean isPrintable(int point) {
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
