package io.accrete.worker.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A file of JSON Lines: objects with {@code text}, or with {@code input_ids} and perhaps {@code
 * labels}.
 */
final class RowFile {
    private static final ObjectMapper MAPPER =
            JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

    private final Path file;
    private final ModelVocabulary vocabulary;
    private final TextRows ofText;

    /**
     * @param vocabulary of which the ids must be
     * @param ofText makes the rows of a text
     */
    RowFile(Path file, ModelVocabulary vocabulary, TextRows ofText) {
        this.file = file;
        this.vocabulary = vocabulary;
        this.ofText = ofText;
    }

    /** Makes rows of a text. */
    interface TextRows {
        List<TokenRow> of(String text) throws IOException;
    }

    static boolean isOne(Path file) {
        String name = file.toString();
        return name.endsWith(".jsonl") || name.endsWith(".json") || name.endsWith(".ndjson");
    }

    /**
     * @return in the order of the file; blank lines are no rows
     * @throws DataException for the first line that is no row
     */
    List<TokenRow> rows() throws IOException {
        List<TokenRow> rows = new ArrayList<>();
        int line = 0;
        for (String text : TextFile.read(file).split("\n", -1)) {
            line++;
            if (!text.isBlank()) {
                rows.addAll(row(text, line));
            }
        }
        return rows;
    }

    private List<TokenRow> row(String text, int line) throws IOException {
        JsonNode object;
        try {
            object = MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            throw fault(
                    "DAT-010",
                    line,
                    "it is no JSON: " + e.getOriginalMessage(),
                    "write one object per line",
                    e);
        }
        if (object.has("messages")) {
            throw fault(
                    "DAT-011",
                    line,
                    "rows of `messages` (chats) are not read yet",
                    "turn each chat into `text` with the model's chat template",
                    null);
        }
        if (object.path("input_ids").isArray()) {
            return List.of(ids(object, line));
        }
        if (object.path("text").isTextual()) {
            return ofText.of(object.path("text").textValue());
        }
        throw fault(
                "DAT-012",
                line,
                "it has neither `text` nor `input_ids`",
                "write {\"text\": \"...\"} or {\"input_ids\": [...], \"labels\": [...]}",
                null);
    }

    private TokenRow ids(JsonNode object, int line) throws DataException {
        long[] ids = numbers(object.path("input_ids"), line, "input_ids");
        if (ids.length == 0) {
            throw fault("DAT-013", line, "`input_ids` is empty", "leave the row out", null);
        }
        long[] labels =
                object.hasNonNull("labels") ? numbers(object.path("labels"), line, "labels") : ids;
        if (labels.length != ids.length) {
            throw fault(
                    "DAT-014",
                    line,
                    "there are %d labels for %d input_ids".formatted(labels.length, ids.length),
                    "give one label per id, -100 where none is to be predicted",
                    null);
        }
        for (int i = 0; i < ids.length; i++) {
            check(ids[i], "input_ids", i, line);
            if (labels[i] != TokenRow.NOT_SCORED) {
                check(labels[i], "labels", i, line);
            }
        }
        return new TokenRow(ids, labels);
    }

    private long[] numbers(JsonNode array, int line, String name) throws DataException {
        long[] numbers = new long[array.size()];
        for (int i = 0; i < numbers.length; i++) {
            JsonNode number = array.get(i);
            if (!number.isIntegralNumber() || !number.canConvertToLong()) {
                throw fault(
                        "DAT-015",
                        line,
                        "`%s`[%d] is %s, not a whole number".formatted(name, i, number),
                        "write ids of tokens",
                        null);
            }
            numbers[i] = number.longValue();
        }
        return numbers;
    }

    private void check(long id, String name, int index, int line) throws DataException {
        if (id < 0 || id >= vocabulary.size()) {
            throw fault(
                    "DAT-016",
                    line,
                    "`%s`[%d] is %d; the model's vocabulary has 0..%d"
                            .formatted(name, index, id, vocabulary.size() - 1),
                    "tokenise with this model's tokenizer",
                    null);
        }
    }

    private DataException fault(
            String code, int line, String sentence, String fix, @Nullable Throwable cause) {
        return new DataException(code, file, line, sentence, fix, cause);
    }
}
