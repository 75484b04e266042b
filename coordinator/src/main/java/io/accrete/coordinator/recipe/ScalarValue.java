package io.accrete.coordinator.recipe;

import java.math.BigInteger;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/** Scalars as numbers and flags, as far as mergekit lets one stand for the other. */
final class ScalarValue {
    private static final Pattern NUMBER =
            Pattern.compile("[-+]?(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)(?:[eE][-+]?[0-9]+)?");
    private static final Pattern NOT_FINITE =
            Pattern.compile("([-+]?)(inf|infinity|nan)", Pattern.CASE_INSENSITIVE);
    private static final Pattern COUNT = Pattern.compile("([-+]?[0-9]+)(?:\\.0+)?");
    private static final int LONGEST = 400;

    private ScalarValue() {}

    static OptionalDouble number(Object raw) {
        return switch (raw) {
            case Double value -> OptionalDouble.of(value);
            case Long value -> OptionalDouble.of(value.doubleValue());
            case BigInteger value -> OptionalDouble.of(value.doubleValue());
            case Boolean value -> OptionalDouble.of(value ? 1 : 0);
            case String text -> number(digits(text));
            default -> OptionalDouble.empty();
        };
    }

    private static OptionalDouble number(String text) {
        var special = NOT_FINITE.matcher(text);
        if (special.matches()) {
            double value =
                    special.group(2).equalsIgnoreCase("nan")
                            ? Double.NaN
                            : Double.POSITIVE_INFINITY;
            return OptionalDouble.of(special.group(1).equals("-") ? -value : value);
        }
        return NUMBER.matcher(text).matches()
                ? OptionalDouble.of(Double.parseDouble(text))
                : OptionalDouble.empty();
    }

    static OptionalLong count(Object raw) {
        return switch (raw) {
            case Long value -> OptionalLong.of(value);
            case Double value when value == Math.rint(value) && Math.abs(value) < 1e15 ->
                    OptionalLong.of(value.longValue());
            case Boolean value -> OptionalLong.of(value ? 1 : 0);
            case String text -> count(digits(text));
            default -> OptionalLong.empty();
        };
    }

    private static OptionalLong count(String text) {
        var matcher = COUNT.matcher(text);
        if (!matcher.matches()) {
            return OptionalLong.empty();
        }
        BigInteger value = new BigInteger(matcher.group(1));
        return value.bitLength() < Long.SIZE
                ? OptionalLong.of(value.longValue())
                : OptionalLong.empty();
    }

    static Optional<Boolean> flag(Object raw) {
        return switch (raw) {
            case Boolean value -> Optional.of(value);
            case Long value when value == 0 || value == 1 -> Optional.of(value == 1);
            case Double value when value == 0 || value == 1 -> Optional.of(value == 1);
            case String text ->
                    switch (text.toLowerCase(Locale.ROOT)) {
                        case "1", "on", "t", "true", "y", "yes" -> Optional.of(true);
                        case "0", "off", "f", "false", "n", "no" -> Optional.of(false);
                        default -> Optional.empty();
                    };
            default -> Optional.empty();
        };
    }

    /** Blanks around a number and single underscores inside it are allowed. */
    private static String digits(String text) {
        String trimmed = text.strip();
        if (trimmed.length() > LONGEST || !trimmed.matches("(?:[^_]|(?<=[0-9])_(?=[0-9]))*")) {
            return "";
        }
        return trimmed.replace("_", "");
    }
}
