package io.accrete.coordinator.plan;

import com.fasterxml.jackson.core.io.JsonStringEncoder;

/** Pieces of JSON text. */
final class JsonText {
    private JsonText() {}

    static String quoted(String text) {
        String inside =
                isPlain(text)
                        ? text
                        : new String(JsonStringEncoder.getInstance().quoteAsString(text));
        return '"' + inside + '"';
    }

    private static boolean isPlain(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' || c == '"' || c == '\\') {
                return false;
            }
        }
        return true;
    }
}
