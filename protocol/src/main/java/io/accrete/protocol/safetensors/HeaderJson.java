package io.accrete.protocol.safetensors;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;

import io.accrete.protocol.safetensors.SafetensorsException.Fault;
import io.accrete.protocol.safetensors.SafetensorsHeader.Entry;
import io.accrete.protocol.tensor.DType;
import io.accrete.protocol.tensor.Shape;
import io.accrete.protocol.tensor.TensorSpec;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads the JSON of a header, token by token, into entries that may still lie about the data. */
final class HeaderJson {

    /** As deep as the reference implementation reads. */
    static final int MAX_DEPTH = 127;

    static final int MAX_NAME_CHARACTERS = 50_000;
    static final int MAX_STRING_CHARACTERS = 20_000_000;
    static final int MAX_NUMBER_CHARACTERS = 1_000;
    static final int MAX_TENSORS = 500_000;
    static final int MAX_RANK = 255;

    static final String METADATA = "__metadata__";

    // Names are not interned: a hostile header would fill the symbol table of the whole process.
    private static final JsonFactory JSON =
            JsonFactory.builder()
                    .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                    .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(MAX_DEPTH)
                                    .maxNameLength(MAX_NAME_CHARACTERS)
                                    .maxStringLength(MAX_STRING_CHARACTERS)
                                    .maxNumberLength(MAX_NUMBER_CHARACTERS)
                                    .build())
                    .build();

    private final JsonParser parser;
    private final List<Entry> entries = new ArrayList<>();
    private final Map<String, String> metadata = new HashMap<>();
    private final Map<Shape, Shape> shapes = new HashMap<>();

    private HeaderJson(JsonParser parser) {
        this.parser = parser;
    }

    /** What the header says, in its own order. */
    record Content(List<Entry> entries, Map<String, String> metadata) {}

    static Content read(Reader text) throws IOException {
        try (JsonParser parser = JSON.createParser(text)) {
            HeaderJson header = new HeaderJson(parser);
            header.readRoot();
            return new Content(header.entries, header.metadata);
        }
    }

    private void readRoot() throws IOException {
        JsonToken first = parser.nextToken();
        if (first == null) {
            throw new SafetensorsException(Fault.NOT_JSON, "the header is empty or blank");
        }
        expect(first, JsonToken.START_OBJECT, Fault.WRONG_STRUCTURE, "the header");
        Set<String> seen = new HashSet<>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String key = uniqueKey(seen, "the header");
            parser.nextToken();
            if (key.equals(METADATA)) {
                readMetadata();
            } else {
                readTensor(key);
            }
        }
        if (parser.nextToken() != null) {
            throw new JsonParseException(parser, "more text after the closing brace");
        }
    }

    private void readMetadata() throws IOException {
        if (parser.currentToken() == JsonToken.VALUE_NULL) {
            return;
        }
        expect(parser.currentToken(), JsonToken.START_OBJECT, Fault.WRONG_METADATA, METADATA);
        Set<String> seen = new HashSet<>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String key = uniqueKey(seen, METADATA);
            expect(
                    parser.nextToken(),
                    JsonToken.VALUE_STRING,
                    Fault.WRONG_METADATA,
                    METADATA + "." + key);
            metadata.put(key, text());
        }
    }

    private void readTensor(String name) throws IOException {
        if (entries.size() == MAX_TENSORS) {
            throw new SafetensorsException(
                    Fault.BEYOND_LIMIT,
                    "the header names more than %,d tensors".formatted(MAX_TENSORS));
        }
        expect(parser.currentToken(), JsonToken.START_OBJECT, Fault.WRONG_STRUCTURE, name);
        Set<String> seen = new HashSet<>(4);
        @Nullable DType dtype = null;
        @Nullable Shape shape = null;
        long @Nullable [] offsets = null;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String key = uniqueKey(seen, name);
            parser.nextToken();
            switch (key) {
                case "dtype" -> dtype = readDType(name);
                case "shape" -> shape = readShape(name);
                case "data_offsets" -> offsets = readOffsets(name);
                default -> skipValue(name);
            }
        }
        if (dtype == null || shape == null || offsets == null) {
            throw new SafetensorsException(
                    Fault.WRONG_STRUCTURE,
                    "tensor %s has no `%s`"
                            .formatted(
                                    Excerpt.of(name),
                                    dtype == null
                                            ? "dtype"
                                            : shape == null ? "shape" : "data_offsets"));
        }
        entries.add(new Entry(new TensorSpec(name, dtype, shape), offsets[0], offsets[1]));
    }

    private DType readDType(String name) throws IOException {
        expect(parser.currentToken(), JsonToken.VALUE_STRING, Fault.UNKNOWN_DTYPE, name, "dtype");
        String text = text();
        return DType.named(text)
                .orElseThrow(
                        () ->
                                new SafetensorsException(
                                        Fault.UNKNOWN_DTYPE,
                                        "tensor %s has the element type %s, known are %s"
                                                .formatted(
                                                        Excerpt.of(name),
                                                        Excerpt.of(text),
                                                        List.of(DType.values()))));
    }

    private Shape readShape(String name) throws IOException {
        List<Long> extents = readIntegers(name, "shape", Fault.WRONG_SHAPE, MAX_RANK);
        Shape shape = new Shape(extents);
        // A model has few different shapes; sharing them keeps a large header small in memory.
        @Nullable Shape known = shapes.putIfAbsent(shape, shape);
        return known == null ? shape : known;
    }

    private long[] readOffsets(String name) throws IOException {
        List<Long> pair = readIntegers(name, "data_offsets", Fault.WRONG_OFFSETS, 2);
        if (pair.size() != 2) {
            throw new SafetensorsException(
                    Fault.WRONG_OFFSETS,
                    "`data_offsets` of tensor %s has %d numbers, not 2"
                            .formatted(Excerpt.of(name), pair.size()));
        }
        return new long[] {pair.get(0), pair.get(1)};
    }

    private List<Long> readIntegers(String name, String key, Fault fault, int atMost)
            throws IOException {
        expect(parser.currentToken(), JsonToken.START_ARRAY, fault, name, key);
        List<Long> numbers = new ArrayList<>(2);
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (numbers.size() == atMost) {
                throw new SafetensorsException(
                        fault == Fault.WRONG_SHAPE ? Fault.BEYOND_LIMIT : fault,
                        "`%s` of tensor %s has more than %d numbers"
                                .formatted(key, Excerpt.of(name), atMost));
            }
            numbers.add(readInteger(name, key, fault));
        }
        return numbers;
    }

    private long readInteger(String name, String key, Fault fault) throws IOException {
        boolean integer = parser.currentToken() == JsonToken.VALUE_NUMBER_INT;
        String text = integer ? parser.getText() : "";
        if (!integer || text.startsWith("-")) {
            throw new SafetensorsException(
                    fault,
                    "`%s` of tensor %s holds %s, not only integers from 0 up"
                            .formatted(key, Excerpt.of(name), found(parser.currentToken())));
        }
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new SafetensorsException(
                    Fault.SIZE_OVERFLOW,
                    "`%s` of tensor %s holds %s, which is larger than any file"
                            .formatted(key, Excerpt.of(name), Excerpt.of(text)));
        }
    }

    /**
     * Fields that this version does not know may hold anything that is JSON and has one meaning.
     */
    private void skipValue(String name) throws IOException {
        switch (parser.currentToken()) {
            case START_OBJECT -> {
                Set<String> seen = new HashSet<>();
                while (parser.nextToken() == JsonToken.FIELD_NAME) {
                    uniqueKey(seen, name);
                    parser.nextToken();
                    skipValue(name);
                }
            }
            case START_ARRAY -> {
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    skipValue(name);
                }
            }
            case VALUE_STRING -> text();
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> {
                if (Double.isInfinite(Double.parseDouble(parser.getText()))) {
                    throw new JsonParseException(parser, "a number is out of range");
                }
            }
            default -> {
                // true, false and null have no inside
            }
        }
    }

    private String uniqueKey(Set<String> seen, String where) throws IOException {
        String key = paired(parser.currentName());
        if (!seen.add(key)) {
            throw new SafetensorsException(
                    Fault.DUPLICATE_KEY,
                    "%s has the key %s twice".formatted(Excerpt.of(where), Excerpt.of(key)));
        }
        return key;
    }

    private String text() throws IOException {
        return paired(parser.getText());
    }

    /** Half a surrogate pair, written as an escape, is no character. */
    private String paired(String text) throws JsonParseException {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                if (!Character.isHighSurrogate(text.charAt(i))
                        || i + 1 == text.length()
                        || !Character.isLowSurrogate(text.charAt(i + 1))) {
                    throw new JsonParseException(parser, "half a surrogate pair in a string");
                }
                i++;
            }
        }
        return text;
    }

    private void expect(@Nullable JsonToken found, JsonToken wanted, Fault fault, String where)
            throws IOException {
        if (found != wanted) {
            throw new SafetensorsException(
                    fault,
                    "%s is %s, not %s".formatted(Excerpt.of(where), found(found), name(wanted)));
        }
    }

    private void expect(
            @Nullable JsonToken found, JsonToken wanted, Fault fault, String tensor, String key)
            throws IOException {
        if (found != wanted) {
            throw new SafetensorsException(
                    fault,
                    "`%s` of tensor %s is %s, not %s"
                            .formatted(key, Excerpt.of(tensor), found(found), name(wanted)));
        }
    }

    private String found(@Nullable JsonToken token) throws IOException {
        return token != null && token.isScalarValue() ? Excerpt.of(parser.getText()) : name(token);
    }

    private static String name(@Nullable JsonToken token) {
        return switch (token) {
            case START_OBJECT -> "an object";
            case START_ARRAY -> "a list";
            case VALUE_STRING -> "a string";
            case null, default -> "something else";
        };
    }
}
