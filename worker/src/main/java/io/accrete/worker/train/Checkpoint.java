package io.accrete.worker.train;

import io.accrete.protocol.safetensors.SafetensorsFile;
import io.accrete.protocol.store.Sha256;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The durable state of a training after a step: all that influences numbers. Any number of stages
 * can go on from it.
 */
public record Checkpoint(Path folder, List<CheckpointPart> parts) {
    private static final int CHUNK_BYTES = 1 << 20;

    public Checkpoint {
        parts = List.copyOf(parts);
    }

    /** What is wrong with it, as a sentence; reads every byte. */
    public Optional<String> damage() throws IOException {
        for (CheckpointPart part : parts) {
            Path file = folder.resolve(part.file());
            try {
                if (Files.size(file) != part.bytes()) {
                    return Optional.of(
                            "%s has %,d bytes instead of %,d"
                                    .formatted(file, Files.size(file), part.bytes()));
                }
                if (!digest(file).equals(part.sha256())) {
                    return Optional.of(file + " has other bytes than were written");
                }
            } catch (NoSuchFileException e) {
                return Optional.of(file + " is gone");
            }
        }
        return Optional.empty();
    }

    List<SafetensorsFile> files() throws IOException {
        List<SafetensorsFile> files = new ArrayList<>();
        for (CheckpointPart part : parts) {
            files.add(SafetensorsFile.open(folder.resolve(part.file())));
        }
        return files;
    }

    private static String digest(Path file) throws IOException {
        MessageDigest digest = Sha256.begin();
        byte[] chunk = new byte[CHUNK_BYTES];
        try (InputStream bytes = Files.newInputStream(file)) {
            for (int read = bytes.read(chunk); read >= 0; read = bytes.read(chunk)) {
                digest.update(chunk, 0, read);
            }
        }
        return Sha256.hex(digest);
    }
}
