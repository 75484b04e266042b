package io.accrete.protocol.model;

import com.fasterxml.jackson.core.io.JsonStringEncoder;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A JSON text in which chosen values are replaced or added, and nothing else changes by a byte.
 *
 * @param text a valid JSON object
 */
public record ConfigEdit(String text) {

    /**
     * Sets the value at keys joined by dots. A key that is not there is added at the end of its
     * object, in the layout of the others.
     *
     * @param value a number, a boolean, a string, or a list of these and lists
     * @throws IllegalArgumentException if an object on the way is missing
     */
    public ConfigEdit set(String keyPath, Object value) {
        List<String> keys = List.of(keyPath.split("\\.", -1));
        JsonSpan object = JsonSpan.root(text);
        for (String key : keys.subList(0, keys.size() - 1)) {
            object =
                    object.member(key)
                            .map(JsonSpan.Member::value)
                            .filter(JsonSpan::isObject)
                            .orElseThrow(
                                    () ->
                                            new IllegalArgumentException(
                                                    "no object `%s` in `%s`"
                                                            .formatted(key, keyPath)));
        }
        Optional<JsonSpan.Member> member = object.member(keys.getLast());
        return member.isPresent()
                ? replace(member.get().value(), value)
                : add(object, keys.getLast(), value);
    }

    private ConfigEdit replace(JsonSpan old, Object value) {
        String indent = old.isSpread() ? old.lineIndent() : "";
        return splice(old.start(), old.end(), encode(value, old.isSpread(), indent));
    }

    private ConfigEdit add(JsonSpan object, String key, Object value) {
        List<JsonSpan.Member> members = object.members();
        String entry = encode(key, false, "") + ": " + encode(value, false, "");
        if (members.isEmpty()) {
            return splice(object.start(), object.end(), "{" + entry + "}");
        }
        JsonSpan.Member last = members.getLast();
        String gap = last.gap(text);
        return splice(last.value().end(), last.value().end(), "," + gap + entry);
    }

    private ConfigEdit splice(int from, int to, String replacement) {
        return new ConfigEdit(text.substring(0, from) + replacement + text.substring(to));
    }

    private static String encode(Object value, boolean spread, String indent) {
        return switch (value) {
            case String string ->
                    '"' + new String(JsonStringEncoder.getInstance().quoteAsString(string)) + '"';
            case Number number -> number.toString();
            case Boolean bool -> bool.toString();
            case List<?> list -> encodeList(list, spread, indent);
            default -> throw new IllegalArgumentException("no JSON for " + value.getClass());
        };
    }

    private static String encodeList(List<?> list, boolean spread, String indent) {
        List<String> values = new ArrayList<>();
        for (Object value : list) {
            values.add(encode(value, false, ""));
        }
        if (!spread || values.isEmpty()) {
            return "[" + String.join(", ", values) + "]";
        }
        String inner = indent + "  ";
        return "[\n" + inner + String.join(",\n" + inner, values) + "\n" + indent + "]";
    }
}
