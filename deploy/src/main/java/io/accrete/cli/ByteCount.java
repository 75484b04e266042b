package io.accrete.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Numbers of bytes as people read and write them: decimal units, as disks and model hubs count. */
final class ByteCount implements ITypeConverter<Long> {
    private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB", "PB"};
    private static final Pattern GRAMMAR =
            Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*([kmgtb]?i?b?)", Pattern.CASE_INSENSITIVE);

    /** {@code b} alone is mergekit's: a billion. */
    private static final Map<String, Long> FACTORS =
            Map.ofEntries(
                    Map.entry("", 1L),
                    Map.entry("k", 1_000L),
                    Map.entry("m", 1_000_000L),
                    Map.entry("b", 1_000_000_000L),
                    Map.entry("g", 1_000_000_000L),
                    Map.entry("t", 1_000_000_000_000L),
                    Map.entry("kb", 1_000L),
                    Map.entry("mb", 1_000_000L),
                    Map.entry("gb", 1_000_000_000L),
                    Map.entry("tb", 1_000_000_000_000L),
                    Map.entry("kib", 1L << 10),
                    Map.entry("mib", 1L << 20),
                    Map.entry("gib", 1L << 30),
                    Map.entry("tib", 1L << 40));

    /** Three digits and a unit: {@code 243.8 GB}. */
    static String text(long bytes) {
        double value = bytes;
        int unit = 0;
        while (value >= 999.95 && unit < UNITS.length - 1) {
            value /= 1000;
            unit++;
        }
        if (unit == 0) {
            return bytes + " B";
        }
        return String.format(
                Locale.ROOT, value >= 99.95 ? "%.0f %s" : "%.1f %s", value, UNITS[unit]);
    }

    /** The number of bytes that {@code text} means, if it means one. */
    static Optional<Long> parse(String text) {
        Matcher matcher = GRAMMAR.matcher(text.strip());
        if (!matcher.matches()) {
            return Optional.empty();
        }
        Long factor = FACTORS.get(matcher.group(2).toLowerCase(Locale.ROOT));
        if (factor == null || matcher.group(1).length() > 24) {
            return Optional.empty();
        }
        BigInteger bytes =
                new BigDecimal(matcher.group(1))
                        .multiply(BigDecimal.valueOf(factor))
                        .toBigInteger();
        return bytes.bitLength() < Long.SIZE ? Optional.of(bytes.longValue()) : Optional.empty();
    }

    @Override
    public Long convert(String value) {
        return parse(value)
                .orElseThrow(
                        () ->
                                new TypeConversionException(
                                        "'%s' is no number of bytes; write 300K, 500M, 5B (as in mergekit: k, M and B are"
                                                        .formatted(value)
                                                + " thousand, million and billion bytes), 5GB,"
                                                + " 4GiB, or 0 for a single shard"));
    }
}
