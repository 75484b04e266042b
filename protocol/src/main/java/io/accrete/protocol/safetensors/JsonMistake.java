package io.accrete.protocol.safetensors;

import com.fasterxml.jackson.core.JsonProcessingException;

import java.util.regex.Pattern;

/** What a JSON parser says of a text, without the words that are for its own programmers. */
public final class JsonMistake {
    private static final Pattern SOURCE =
            Pattern.compile("\\[Source: [^;\\]]*; line: (\\d+), column: (\\d+)\\]");

    private JsonMistake() {}

    /** One line, without the place of the mistake. */
    public static String sentence(JsonProcessingException e) {
        String first = e.getOriginalMessage().lines().findFirst().orElse("");
        return SOURCE.matcher(first).replaceAll("line $1 column $2");
    }
}
