package io.accrete.worker.data;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;

import io.accrete.worker.tensor.NativeLibraries;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** The tokenizer of a model folder, as Hugging Face's library runs it. */
public final class ModelTokenizer implements AutoCloseable {
    public static final String FILE = "tokenizer.json";

    private final HuggingFaceTokenizer tokenizer;

    private ModelTokenizer(HuggingFaceTokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /**
     * @throws DataException if the folder has no tokenizer, or one that the library cannot read
     */
    public static ModelTokenizer of(Path folder) throws IOException {
        Path file = folder.resolve(FILE);
        if (!Files.isRegularFile(file)) {
            throw new DataException(
                    "DAT-001",
                    file,
                    0,
                    "the model has no tokenizer.json, without which text cannot be turned into ids",
                    "copy tokenizer.json of its base model into the folder, or give rows of"
                            + " `input_ids`",
                    null);
        }
        NativeLibraries.prepare();
        try {
            // Without these the library adds special tokens and cuts long texts off.
            return new ModelTokenizer(
                    HuggingFaceTokenizer.newInstance(
                            file,
                            Map.of(
                                    "addSpecialTokens", "false",
                                    "truncation", "false",
                                    "padding", "false")));
        } catch (RuntimeException e) {
            throw new DataException(
                    "DAT-002",
                    file,
                    0,
                    "the tokenizer cannot be read: " + e.getMessage(),
                    "download tokenizer.json of the model again",
                    e);
        }
    }

    /** The ids of a text, without special tokens but those that the text spells. */
    public long[] encode(String text) {
        return ids(text, false);
    }

    /** As {@link #encode}, with the special tokens that the tokenizer puts around a text. */
    public long[] encodeWithSpecial(String text) {
        return ids(text, true);
    }

    /** Of all that the library knows of a token only the id: the rest is many times as much. */
    private long[] ids(String text, boolean special) {
        TokenizersLibrary library = TokenizersLibrary.LIB;
        long encoding = library.encode(tokenizer.getHandle(), text, special);
        try {
            return library.getTokenIds(encoding);
        } finally {
            library.deleteEncoding(encoding);
        }
    }

    /** The text of ids, special tokens included. */
    public String decode(long[] ids) {
        return tokenizer.decode(ids, false);
    }

    /** The text of ids, special tokens left out. */
    public String decodeWithoutSpecial(long[] ids) {
        return tokenizer.decode(ids, true);
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
