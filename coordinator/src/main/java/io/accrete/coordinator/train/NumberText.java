package io.accrete.coordinator.train;

import io.accrete.coordinator.yaml.YamlNode;
import io.accrete.coordinator.yaml.YamlNode.Kind;
import io.accrete.coordinator.yaml.YamlNode.Scalar;

import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Numbers as people write them. To YAML 1.1 {@code 3e-5} is text, because it has no point, {@code
 * 010} is eight and {@code 1:30} is ninety; here the first is the number that it looks like, and
 * the other two are none.
 */
final class NumberText {
    private static final int LONGEST = 60;
    private static final double WHOLE_MAX = 1e15;
    private static final Pattern DECIMAL =
            Pattern.compile(
                    "[-+]?(?:(?:0|[1-9][0-9_]*)(?:\\.[0-9]*)?|\\.[0-9]+)(?:[eE][-+]?[0-9]{1,4})?");
    private static final Pattern WHOLE = Pattern.compile("[-+]?(?:0|[1-9][0-9_]{0,24})");
    private static final Pattern BYTES =
            Pattern.compile("([0-9]+(?:\\.[0-9]+)?) ?(?:([kKMGT])(i?)B?)?");

    private NumberText() {}

    /** The number, if it is one; infinite where it is too large. */
    static OptionalDouble number(YamlNode node) {
        return text(node)
                .filter(text -> DECIMAL.matcher(text).matches())
                .map(text -> OptionalDouble.of(Double.parseDouble(text.replace("_", ""))))
                .orElse(OptionalDouble.empty());
    }

    /** The whole number, if it is one. */
    static Optional<Long> whole(YamlNode node) {
        Optional<String> text = text(node);
        if (text.filter(digits -> WHOLE.matcher(digits).matches()).isPresent()) {
            try {
                return Optional.of(Long.parseLong(text.get().replace("_", "")));
            } catch (NumberFormatException e) {
                return Optional.empty(); // more digits than any setting has
            }
        }
        OptionalDouble number = number(node);
        return number.isPresent()
                        && number.getAsDouble() == Math.rint(number.getAsDouble())
                        && Math.abs(number.getAsDouble()) <= WHOLE_MAX
                ? Optional.of((long) number.getAsDouble())
                : Optional.empty();
    }

    /** A number of bytes, for example {@code 5GB}, {@code 4GiB} or {@code 500M}. */
    static Optional<Long> bytes(YamlNode node) {
        Optional<Matcher> parts = text(node).map(BYTES::matcher).filter(Matcher::matches);
        if (parts.isEmpty()) {
            return Optional.empty();
        }
        String unit = parts.get().group(2) == null ? "" : parts.get().group(2);
        double base = "i".equals(parts.get().group(3)) ? 1024 : 1000;
        int power = unit.isEmpty() ? 0 : 1 + "KMGT".indexOf(Character.toUpperCase(unit.charAt(0)));
        double bytes = Double.parseDouble(parts.get().group(1)) * Math.pow(base, power);
        return bytes <= WHOLE_MAX ? Optional.of((long) bytes) : Optional.empty();
    }

    private static Optional<String> text(YamlNode node) {
        return node instanceof Scalar scalar
                        && (scalar.kind() == Kind.INTEGER
                                || scalar.kind() == Kind.FRACTION
                                || scalar.kind() == Kind.TEXT)
                        && scalar.text().length() <= LONGEST
                ? Optional.of(scalar.text().strip())
                : Optional.empty();
    }
}
