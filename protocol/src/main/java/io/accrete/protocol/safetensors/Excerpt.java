package io.accrete.protocol.safetensors;

import io.accrete.protocol.tensor.PlainText;

/** A piece of a foreign text that is fit to stand in a message: quoted, short, printable. */
public final class Excerpt {

    private static final int MAX_CHARACTERS = 120;

    private Excerpt() {}

    /**
     * The text between back-ticks, its first 120 characters, with what is not printable escaped.
     */
    public static String of(String text) {
        int characters = text.codePointCount(0, text.length());
        return characters <= MAX_CHARACTERS
                ? "`%s`".formatted(PlainText.of(text))
                : "`%s...`"
                        .formatted(
                                PlainText.of(
                                        text.substring(
                                                0, text.offsetByCodePoints(0, MAX_CHARACTERS))));
    }
}
