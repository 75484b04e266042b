package io.accrete.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;

import org.jspecify.annotations.Nullable;

import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Map;

/** Standard output under {@code --json}: one object a line, the result object last. */
final class JsonLines {
    private static final ObjectMapper MAPPER =
            JsonMapper.builder()
                    .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                    .build();

    private final PrintStream out;

    JsonLines(PrintStream out) {
        this.out = out;
    }

    /** One line: a map, or a record whose fields become snake_case. */
    void write(Object object) {
        out.println(text(object));
    }

    /** The same as text. */
    static String text(Object object) {
        try {
            return MAPPER.writeValueAsString(object);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("no JSON for " + object.getClass(), e);
        }
    }

    /** An object of the given names and values in turn, in that order. */
    static Map<String, @Nullable Object> object(@Nullable Object... namesAndValues) {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            object.put(String.valueOf(namesAndValues[i]), namesAndValues[i + 1]);
        }
        return object;
    }
}
