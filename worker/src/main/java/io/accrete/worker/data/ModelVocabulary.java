package io.accrete.worker.data;

import com.fasterxml.jackson.databind.JsonNode;

import io.accrete.protocol.model.LlamaConfig;
import io.accrete.protocol.model.ModelConfig;
import io.accrete.protocol.model.ModelFolder;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** The ids that a model knows; its tokenizer is opened where a text first needs it. */
public final class ModelVocabulary implements AutoCloseable {
    private final Path folder;
    private final Optional<Long> bos;
    private final int size;
    private @Nullable ModelTokenizer tokenizer;

    public ModelVocabulary(ModelFolder model, LlamaConfig config) {
        this.folder = model.path();
        this.size = config.vocabulary();
        this.bos =
                model.config()
                        .flatMap(text -> text.find("bos_token_id"))
                        .filter(JsonNode::canConvertToLong)
                        .map(JsonNode::asLong);
    }

    /** Number of ids; they count from 0. */
    public int size() {
        return size;
    }

    /**
     * The id that a text starts with.
     *
     * @throws DataException if the configuration names none
     */
    public long bos() throws DataException {
        return bos.orElseThrow(
                () ->
                        fault(
                                "DAT-018",
                                ModelConfig.FILE,
                                "it names no bos_token_id, which a text is to start with",
                                "add bos_token_id to config.json, or give rows of `input_ids`"));
    }

    /**
     * @return ids without special tokens
     * @throws DataException if there is no tokenizer, or it knows ids that the model does not
     */
    public long[] encode(String text) throws IOException {
        long[] ids = tokenizer().encode(text);
        for (long id : ids) {
            if (id >= size) {
                throw fault(
                        "DAT-019",
                        ModelTokenizer.FILE,
                        "it makes id %d of the text; the model's vocabulary has 0..%d"
                                .formatted(id, size - 1),
                        "take the tokenizer that belongs to the model");
            }
        }
        return ids;
    }

    public ModelTokenizer tokenizer() throws IOException {
        ModelTokenizer open = tokenizer;
        if (open == null) {
            open = ModelTokenizer.of(folder);
            tokenizer = open;
        }
        return open;
    }

    private DataException fault(String code, String file, String sentence, String fix) {
        return new DataException(code, folder.resolve(file), 0, sentence, fix, null);
    }

    @Override
    public void close() {
        if (tokenizer != null) {
            tokenizer.close();
        }
    }
}
