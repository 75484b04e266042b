package io.accrete.coordinator.merge;

import io.accrete.coordinator.drive.CarriedFiles;
import io.accrete.coordinator.plan.TokenizerFiles;
import io.accrete.protocol.model.Vocabulary;
import io.accrete.protocol.store.Sha256;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Looks at the files of a model folder that travel with its weights. */
final class VocabularyReader {
    private static final String SENTENCE_PIECE = "tokenizer.model";
    private static final String SETTINGS = "tokenizer_config.json";

    /** Several times the largest known. */
    private static final long BYTES_MAX = 256L << 20;

    private VocabularyReader() {}

    /**
     * @param vocabulary whether the tokens are wanted
     */
    static TokenizerFiles read(Path folder, boolean vocabulary) {
        Map<String, String> paths = CarriedFiles.of(folder);
        Optional<Path> tokens =
                List.of(Vocabulary.FILE, SENTENCE_PIECE, "vocab.json").stream()
                        .filter(paths::containsKey)
                        .map(folder::resolve)
                        .findFirst();
        return new TokenizerFiles(
                paths,
                tokens.flatMap(VocabularyReader::sha256),
                vocabulary ? Vocabulary.read(folder) : Optional.empty(),
                paths.containsKey(SETTINGS) ? text(folder.resolve(SETTINGS)) : Optional.empty());
    }

    private static Optional<String> sha256(Path file) {
        MessageDigest digest = Sha256.begin();
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
            in.transferTo(java.io.OutputStream.nullOutputStream());
            return Optional.of(Sha256.hex(digest));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static Optional<String> text(Path file) {
        try {
            return Files.size(file) > BYTES_MAX
                    ? Optional.empty()
                    : Optional.of(Files.readString(file));
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
