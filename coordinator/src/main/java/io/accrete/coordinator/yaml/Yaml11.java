package io.accrete.coordinator.yaml;

import io.accrete.coordinator.yaml.YamlNode.Kind;
import io.accrete.coordinator.yaml.YamlNode.Scalar;

import org.yaml.snakeyaml.nodes.NodeId;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.resolver.Resolver;
import org.yaml.snakeyaml.scanner.ScannerImpl;

import java.math.BigInteger;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** What an unquoted scalar means to PyYAML, and so to mergekit: YAML 1.1 with its quirks. */
final class Yaml11 extends Resolver {
    static {
        // PyYAML knows these two escapes, and recipes written as JSON have the first
        ScannerImpl.ESCAPE_REPLACEMENTS.put('/', "/");
        ScannerImpl.ESCAPE_REPLACEMENTS.put('\t', "\t");
    }

    private static final Pattern FRACTION =
            Pattern.compile(
                    "[-+]?[0-9][0-9_]*\\.[0-9_]*(?:[eE][-+][0-9]+)?"
                            + "|\\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?"
                            + "|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\\.[0-9_]*"
                            + "|[-+]?\\.(?:inf|Inf|INF)"
                            + "|\\.(?:nan|NaN|NAN)");
    private static final Pattern INTEGER =
            Pattern.compile(
                    "[-+]?0b[0-1_]+"
                            + "|[-+]?0[0-7_]+"
                            + "|[-+]?(?:0|[1-9][0-9_]*)"
                            + "|[-+]?0x[0-9a-fA-F_]+"
                            + "|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+");
    private static final Pattern DATE =
            Pattern.compile(
                    "[0-9]{4}-[0-9]{2}-[0-9]{2}"
                            + "|[0-9]{4}-[0-9][0-9]?-[0-9][0-9]?(?:[Tt]|[ \\t]+)[0-9][0-9]?"
                            + ":[0-9]{2}:[0-9]{2}(?:\\.[0-9]*)?"
                            + "(?:[ \\t]*(?:Z|[-+][0-9][0-9]?(?::[0-9]{2})?))?");
    private static final Map<String, Boolean> FLAGS =
            Map.of(
                    "yes", true, "no", false, "true", true, "false", false, "on", true, "off",
                    false);

    /** As Python: a longer number would take quadratic time. */
    private static final int MOST_DIGITS = 4300;

    /** No number that anybody means is longer; the patterns above recurse on long ones. */
    private static final int LONGEST = 1000;

    /** The tag of {@code =}, which PyYAML resolves but does not construct. */
    static final Tag VALUE = new Tag(Tag.PREFIX + "value");

    @Override
    public Tag resolve(NodeId kind, String value, boolean implicit) {
        if (kind == NodeId.scalar) {
            return implicit ? tag(value) : Tag.STR;
        }
        return kind == NodeId.sequence ? Tag.SEQ : Tag.MAP;
    }

    private static Tag tag(String value) {
        if (value.isEmpty()) {
            return Tag.NULL;
        }
        char first = value.charAt(0);
        if (value.length() <= LONGEST
                && (first >= '0' && first <= '9' || first == '-' || first == '+' || first == '.')) {
            return number(value);
        }
        return switch (value) {
            case "yes", "Yes", "YES", "no", "No", "NO" -> Tag.BOOL;
            case "true", "True", "TRUE", "false", "False", "FALSE" -> Tag.BOOL;
            case "on", "On", "ON", "off", "Off", "OFF" -> Tag.BOOL;
            case "~", "null", "Null", "NULL" -> Tag.NULL;
            case "<<" -> Tag.MERGE;
            case "=" -> VALUE;
            default -> Tag.STR;
        };
    }

    private static Tag number(String value) {
        if (FRACTION.matcher(value).matches()) {
            return Tag.FLOAT;
        }
        if (INTEGER.matcher(value).matches()) {
            return Tag.INT;
        }
        return DATE.matcher(value).matches() ? Tag.TIMESTAMP : Tag.STR;
    }

    /**
     * The value of a scalar with one of YAML's own tags; empty if its text does not fit the tag.
     */
    static Optional<Scalar> scalar(Position at, Tag tag, String text) {
        try {
            return Optional.of(new Scalar(at, kind(tag), text, value(kind(tag), text)));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    private static Kind kind(Tag tag) {
        return switch (tag.getValue().substring(Tag.PREFIX.length())) {
            case "null" -> Kind.NULL;
            case "bool" -> Kind.FLAG;
            case "int" -> Kind.INTEGER;
            case "float" -> Kind.FRACTION;
            case "timestamp" -> Kind.DATE;
            default -> Kind.TEXT;
        };
    }

    private static Object value(Kind kind, String text) {
        return switch (kind) {
            case FLAG -> flag(text);
            case INTEGER -> integer(text);
            case FRACTION -> fraction(text);
            case NULL, TEXT, DATE -> text;
        };
    }

    private static Boolean flag(String text) {
        Boolean value = FLAGS.get(text.toLowerCase(Locale.ROOT));
        if (value == null) {
            throw new NumberFormatException("not a flag");
        }
        return value;
    }

    /** A Long, or a BigInteger where it does not fit. */
    private static Number integer(String text) {
        String digits = text.replace("_", "");
        boolean negative = digits.startsWith("-");
        if (negative || digits.startsWith("+")) {
            digits = digits.substring(1);
        }
        if (digits.length() > MOST_DIGITS || digits.startsWith("-") || digits.startsWith("+")) {
            throw new NumberFormatException("not a whole number that can be read");
        }
        BigInteger value = magnitude(digits);
        BigInteger signed = negative ? value.negate() : value;
        if (signed.bitLength() < Long.SIZE) {
            return signed.longValue();
        }
        return signed;
    }

    private static BigInteger magnitude(String digits) {
        if (digits.startsWith("0b")) {
            return new BigInteger(digits.substring(2), 2);
        }
        if (digits.startsWith("0x")) {
            return new BigInteger(digits.substring(2), 16);
        }
        if (digits.startsWith("0")) {
            return new BigInteger(digits, 8);
        }
        BigInteger value = BigInteger.ZERO;
        for (String part : digits.split(":", -1)) {
            value = value.multiply(BigInteger.valueOf(60)).add(new BigInteger(part));
        }
        return value;
    }

    private static Double fraction(String text) {
        String digits = text.replace("_", "").toLowerCase(Locale.ROOT);
        boolean negative = digits.startsWith("-");
        if (negative || digits.startsWith("+")) {
            digits = digits.substring(1);
        }
        double value =
                switch (digits) {
                    case ".inf" -> Double.POSITIVE_INFINITY;
                    case ".nan" -> Double.NaN;
                    default -> digits.contains(":") ? sexagesimal(digits) : decimal(digits);
                };
        return negative ? -value : value;
    }

    private static double sexagesimal(String digits) {
        String[] parts = digits.split(":", -1);
        double value = 0;
        double base = 1;
        for (int i = parts.length - 1; i >= 0; i--) {
            value += decimal(parts[i]) * base;
            base *= 60;
        }
        return value;
    }

    /** Java also takes {@code 1f}, {@code 0x1p3} and {@code NaN} for numbers; here they are not. */
    private static double decimal(String digits) {
        if (!digits.matches("(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)(?:e[-+]?[0-9]+)?")) {
            throw new NumberFormatException("not a number");
        }
        return Double.parseDouble(digits);
    }
}
