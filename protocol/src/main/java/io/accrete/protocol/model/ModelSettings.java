package io.accrete.protocol.model;

import io.accrete.protocol.store.Sha256;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.List;

/** The files of a folder that say what its weights mean: with others it is another model. */
public final class ModelSettings {
    private static final List<String> FILES =
            List.of(ModelConfig.FILE, PeftAdapter.CONFIG, Vocabulary.FILE);

    private ModelSettings() {}

    /** SHA-256 of lines {@code NAME SHA256} of those that are there. */
    public static String digest(Path folder) throws IOException {
        MessageDigest digest = Sha256.begin();
        for (String name : FILES) {
            Path file = folder.resolve(name);
            if (Files.isRegularFile(file)) {
                String line = name + " " + Sha256.hex(file) + "\n";
                digest.update(line.getBytes(StandardCharsets.UTF_8));
            }
        }
        return Sha256.hex(digest);
    }
}
