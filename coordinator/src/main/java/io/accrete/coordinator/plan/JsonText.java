package io.accrete.coordinator.plan;

import com.fasterxml.jackson.core.io.JsonStringEncoder;

/** Pieces of JSON text. */
final class JsonText {
    private JsonText() {}

    static String quoted(String text) {
        boolean plain = text.chars().allMatch(c -> c >= ' ' && c != '"' && c != '\\');
        String inside =
                plain ? text : new String(JsonStringEncoder.getInstance().quoteAsString(text));
        return '"' + inside + '"';
    }
}
