package io.accrete.protocol.safetensors;

import io.accrete.protocol.tensor.TensorSpec;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Writes the bytes before the data section, as the format's reference implementation does. */
public final class ShardHeader {

    /**
     * The order of tensors in a file: larger element types first, so that each is aligned, then by
     * name, compared as UTF-8.
     */
    public static final Comparator<TensorSpec> ORDER =
            Comparator.comparing(TensorSpec::dtype)
                    .reversed()
                    .thenComparing(TensorSpec::name, ShardHeader::compareAsUtf8);

    private ShardHeader() {}

    /**
     * The header of a file that holds these tensors, in this order, without gaps.
     *
     * @param inOrder usually sorted by {@link #ORDER}
     * @param metadata free text for readers; left out if empty
     * @param totalBytes pads with blanks to exactly this length, prefix included; 0: to the next
     *     multiple of 8
     * @throws IllegalArgumentException if the header does not fit, or a name occurs twice
     */
    public static byte[] encode(
            List<TensorSpec> inOrder, Map<String, String> metadata, long totalBytes) {
        byte[] json = json(inOrder, metadata).getBytes(StandardCharsets.UTF_8);
        long needed = SafetensorsHeader.PREFIX_BYTES + (long) json.length;
        long total = totalBytes == 0 ? Math.ceilDiv(needed, 8L) * 8L : totalBytes;
        if (total < needed
                || total - SafetensorsHeader.PREFIX_BYTES > SafetensorsHeader.MAX_JSON_BYTES) {
            throw new IllegalArgumentException(
                    "a header of %,d bytes for JSON of %,d bytes".formatted(total, json.length));
        }
        byte[] header = new byte[Math.toIntExact(total)];
        Arrays.fill(header, (byte) ' ');
        ByteBuffer.wrap(header)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(total - SafetensorsHeader.PREFIX_BYTES)
                .put(json);
        return header;
    }

    private static String json(List<TensorSpec> inOrder, Map<String, String> metadata) {
        StringBuilder json = new StringBuilder(inOrder.size() * 120 + 64).append('{');
        if (!metadata.isEmpty()) {
            string(json, HeaderJson.METADATA).append(":{");
            new TreeMap<>(metadata)
                    .forEach(
                            (key, value) -> {
                                string(json, key).append(':');
                                string(json, value).append(',');
                            });
            json.setCharAt(json.length() - 1, '}');
            json.append(',');
        }
        Set<String> names = new HashSet<>();
        long offset = 0;
        for (TensorSpec spec : inOrder) {
            if (!names.add(spec.name()) || spec.name().equals(HeaderJson.METADATA)) {
                throw new IllegalArgumentException(
                        "tensor name %s twice, or reserved".formatted(Excerpt.of(spec.name())));
            }
            long end = Math.addExact(offset, spec.bytes());
            string(json, spec.name()).append(":{\"dtype\":\"").append(spec.dtype());
            json.append("\",\"shape\":[");
            for (long extent : spec.shape().extents()) {
                json.append(extent).append(',');
            }
            if (!spec.shape().extents().isEmpty()) {
                json.setLength(json.length() - 1);
            }
            json.append("],\"data_offsets\":[").append(offset).append(',').append(end);
            json.append("]},");
            offset = end;
        }
        if (json.length() > 1) {
            json.setLength(json.length() - 1);
        }
        return json.append('}').toString();
    }

    /** Escapes what JSON must escape and nothing else, in the reference's spelling. */
    private static StringBuilder string(StringBuilder json, String text) {
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> json.append("\\\"");
                case '\\' -> json.append("\\\\");
                case '\b' -> json.append("\\b");
                case '\f' -> json.append("\\f");
                case '\n' -> json.append("\\n");
                case '\r' -> json.append("\\r");
                case '\t' -> json.append("\\t");
                default -> {
                    if (c < ' ') {
                        json.append("\\u00%02x".formatted((int) c));
                    } else {
                        json.append(c);
                    }
                }
            }
        }
        return json.append('"');
    }

    /** The order of code points, which is that of the bytes. */
    private static int compareAsUtf8(String a, String b) {
        int common = Math.min(a.length(), b.length());
        for (int i = 0; i < common; i++) {
            if (a.charAt(i) != b.charAt(i)) {
                return Integer.compare(rank(a.charAt(i)), rank(b.charAt(i)));
            }
        }
        return Integer.compare(a.length(), b.length());
    }

    /** Halves of a pair stand for code points above all that need no pair. */
    private static int rank(char c) {
        return Character.isSurrogate(c) ? Character.MAX_VALUE + c : c;
    }
}
