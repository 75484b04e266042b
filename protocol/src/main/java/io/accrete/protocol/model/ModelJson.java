package io.accrete.protocol.model;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;

import io.accrete.protocol.safetensors.Excerpt;
import io.accrete.protocol.safetensors.JsonMistake;
import io.accrete.protocol.store.BoundedText;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads the JSON files of models, within bounds and as Python does. */
final class ModelJson {

    private static final int MAX_DEPTH = 100;

    // NaN and Infinity are no JSON, but Python writes them and configurations hold them.
    private static final JsonMapper MAPPER =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                                    .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                                    .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                                    .streamReadConstraints(
                                            StreamReadConstraints.builder()
                                                    .maxNestingDepth(MAX_DEPTH)
                                                    .build())
                                    .build())
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    private ModelJson() {}

    /** The text of a file, if it is UTF-8 and at most {@code maxBytes} long. */
    static String text(Path file, int maxBytes, FolderFault fault) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new ModelFileException(fault, "this is a folder or a device, not a file");
        }
        try {
            return BoundedText.read(file, maxBytes);
        } catch (BoundedText.TooLongException e) {
            throw new ModelFileException(
                    fault, "the file is larger than the %,d bytes allowed".formatted(maxBytes));
        } catch (CharacterCodingException e) {
            throw new ModelFileException(fault, "the file is not UTF-8");
        }
    }

    /** An object; of equal keys the last counts, as for Python. */
    static JsonNode object(String text, FolderFault fault) throws ModelFileException {
        return object(MAPPER.reader(), text, fault);
    }

    /** An object that says no key twice. */
    static JsonNode unambiguous(String text, FolderFault fault) throws ModelFileException {
        return object(
                MAPPER.reader(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY), text, fault);
    }

    private static JsonNode object(ObjectReader reader, String text, FolderFault fault)
            throws ModelFileException {
        if (text.startsWith("version https://git-lfs.github.com/spec/")) {
            throw new ModelFileException(
                    fault, "this is a Git LFS pointer, not the file (run `git lfs pull`)");
        }
        try {
            JsonNode root = reader.readTree(text);
            if (!root.isObject()) {
                throw new ModelFileException(
                        fault,
                        root.isMissingNode()
                                ? "the file is empty or blank"
                                : "the file holds %s, not an object"
                                        .formatted(
                                                root.getNodeType()
                                                        .name()
                                                        .toLowerCase(java.util.Locale.ROOT)));
            }
            return root;
        } catch (JsonProcessingException e) {
            throw new ModelFileException(
                    fault,
                    "the file is not JSON, line %d column %d: %s"
                            .formatted(
                                    e.getLocation() == null ? 0 : e.getLocation().getLineNr(),
                                    e.getLocation() == null ? 0 : e.getLocation().getColumnNr(),
                                    Excerpt.of(JsonMistake.sentence(e))));
        }
    }

    /** What a quoted string of a valid JSON text says. */
    static String string(String quoted) {
        try {
            return MAPPER.readValue(quoted, String.class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not a JSON string: " + quoted, e);
        }
    }
}
