package io.accrete.coordinator.http;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Says what is wrong with JSON, without the names of classes that its reader would say it with. */
final class JsonFaults {
    private static final int VALUE_LENGTH_MAX = 100;
    private static final String TOO_MUCH = "values are nested too deep, or one of them is too long";

    private static final Pattern START =
            Pattern.compile(
                    "\\(start marker at \\[Source: [^\\]]*line: (\\d+), column: (\\d+)\\]\\)");

    private JsonFaults() {}

    static String sentence(JsonProcessingException fault) {
        return switch (fault) {
            case StreamConstraintsException _ -> TOO_MUCH;
            case JsonMappingException e when e.getCause() instanceof StreamConstraintsException ->
                    TOO_MUCH;
            case JsonParseException e ->
                    "%s (line %d, column %d)"
                            .formatted(
                                    withoutLibrary(e.getOriginalMessage()),
                                    e.getLocation().getLineNr(),
                                    e.getLocation().getColumnNr());
            case UnrecognizedPropertyException e ->
                    "there is no `%s`; there are %s"
                            .formatted(
                                    place(e),
                                    e.getKnownPropertyIds().stream()
                                            .map(String::valueOf)
                                            .sorted()
                                            .collect(Collectors.joining(", ")));
            case InvalidFormatException e ->
                    "`%s` is '%s', which it cannot be%s"
                            .formatted(
                                    place(e),
                                    shortened(String.valueOf(e.getValue())),
                                    allowed(e.getTargetType()));
            case JsonMappingException e when e.getPath().isEmpty() ->
                    "it is an object with the fields of a job";
            case JsonMappingException e -> "`%s` has a value of another type".formatted(place(e));
            default -> "it cannot be read";
        };
    }

    /** Where something was opened stands among words about how the reader is set up. */
    private static String withoutLibrary(String message) {
        return START.matcher(message).replaceAll("(begun in line $1, column $2)");
    }

    private static String place(JsonMappingException fault) {
        return shortened(
                fault.getPath().stream()
                        .map(step -> Objects.requireNonNullElse(step.getFieldName(), "[]"))
                        .collect(Collectors.joining(".")));
    }

    private static String allowed(@Nullable Class<?> type) {
        if (type == null || !type.isEnum()) {
            return "";
        }
        List<String> names =
                Stream.of(type.getEnumConstants())
                        .map(constant -> constant.toString().toLowerCase(Locale.ROOT))
                        .toList();
        return "; it is one of " + String.join(", ", names);
    }

    private static String shortened(String text) {
        return text.length() <= VALUE_LENGTH_MAX
                ? text
                : text.substring(0, VALUE_LENGTH_MAX) + "...";
    }
}
