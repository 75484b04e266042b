package io.accrete.coordinator.plan;

import com.fasterxml.jackson.core.io.JsonStringEncoder;

/** Pieces of JSON text. */
final class JsonText {
    private JsonText() {}

    static String quoted(String text) {
        return '"' + new String(JsonStringEncoder.getInstance().quoteAsString(text)) + '"';
    }
}
