package io.accrete.tour;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The tokenizer of stories, in the format of Hugging Face: a token for each word. */
final class StoryTokenizer {
    private static final List<String> SPECIAL = List.of("<unk>", "<s>", "</s>");
    private static final ObjectMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private StoryTokenizer() {}

    /** Number of tokens. */
    static int size() {
        return ids().size();
    }

    private static Map<String, Integer> ids() {
        Map<String, Integer> ids = new LinkedHashMap<>();
        SPECIAL.forEach(word -> ids.put(word, ids.size()));
        StoryWriter.vocabulary().forEach(word -> ids.put(word, ids.size()));
        return ids;
    }

    static void write(Path folder) throws IOException {
        Map<String, Object> tokenizer = new LinkedHashMap<>();
        tokenizer.put("version", "1.0");
        tokenizer.put("added_tokens", SPECIAL.stream().map(StoryTokenizer::special).toList());
        tokenizer.put("pre_tokenizer", Map.of("type", "WhitespaceSplit"));
        Map<String, Object> model = new LinkedHashMap<>();
        model.put("type", "WordLevel");
        model.put("unk_token", "<unk>");
        model.put("vocab", ids());
        tokenizer.put("model", model);
        Files.write(folder.resolve("tokenizer.json"), JSON.writeValueAsBytes(tokenizer));
        Map<String, Object> config = new LinkedHashMap<>();
        config.put("bos_token", "<s>");
        config.put("eos_token", "</s>");
        config.put("unk_token", "<unk>");
        config.put("tokenizer_class", "PreTrainedTokenizerFast");
        Files.write(folder.resolve("tokenizer_config.json"), JSON.writeValueAsBytes(config));
    }

    private static Map<String, Object> special(String word) {
        Map<String, Object> token = new LinkedHashMap<>();
        token.put("id", SPECIAL.indexOf(word));
        token.put("content", word);
        for (String flag : List.of("single_word", "lstrip", "rstrip", "normalized")) {
            token.put(flag, false);
        }
        token.put("special", true);
        return token;
    }
}
