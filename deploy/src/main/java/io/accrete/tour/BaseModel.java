package io.accrete.tour;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The small model that the tour grows: it has read plain stories. It was made by {@code
 * deploy/tour/make-base}.
 */
public final class BaseModel {
    private static final List<String> FILES =
            List.of("config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors");

    private BaseModel() {}

    /** Writes it into a folder that it makes. */
    public static void write(Path folder) throws IOException {
        Files.createDirectories(folder);
        for (String name : FILES) {
            try (InputStream file = BaseModel.class.getResourceAsStream("base/" + name)) {
                if (file == null) {
                    throw new IOException("this distribution lacks the tour's " + name);
                }
                Files.write(folder.resolve(name), file.readAllBytes());
            }
        }
    }
}
