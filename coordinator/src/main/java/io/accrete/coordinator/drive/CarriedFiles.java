package io.accrete.coordinator.drive;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Files that go with a model's weights wherever they go. */
public final class CarriedFiles {
    /** What mergekit carries over by default, and the vocabulary of older tokenizers. */
    private static final List<String> NAMES =
            List.of(
                    "tokenizer.json",
                    "tokenizer.model",
                    "tokenizer_config.json",
                    "special_tokens_map.json",
                    "added_tokens.json",
                    "merges.txt",
                    "vocab.json",
                    "chat_template.jinja",
                    "chat_template.json",
                    "generation_config.json");

    private CarriedFiles() {}

    /** Name to absolute path. */
    public static Map<String, String> of(Path folder) {
        Map<String, String> paths = new TreeMap<>();
        for (String name : NAMES) {
            Path file = folder.resolve(name);
            if (Files.isRegularFile(file)) {
                paths.put(name, file.toAbsolutePath().normalize().toString());
            }
        }
        return paths;
    }
}
