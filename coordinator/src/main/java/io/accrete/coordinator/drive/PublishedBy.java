package io.accrete.coordinator.drive;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.accrete.protocol.merge.LineageFile;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Reads the {@code accrete.json} of published folders. */
public final class PublishedBy {
    private static final long BYTES_MAX = 1L << 30;
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private PublishedBy() {}

    /** Whether a folder says that a job published it. */
    static boolean isResult(Path folder) {
        return Files.isRegularFile(folder.resolve(LineageFile.NAME));
    }

    /** The digest of the job that published a folder, if it says so. */
    static Optional<String> job(Path folder) throws IOException {
        return read(folder).map(json -> json.path("job").asText());
    }

    /** All that it says; empty where the folder is not the result of one of our jobs. */
    public static Optional<JsonNode> read(Path folder) throws IOException {
        Path file = folder.resolve(LineageFile.NAME);
        if (!Files.isRegularFile(file) || Files.size(file) > BYTES_MAX) {
            return Optional.empty();
        }
        try {
            return Optional.of(MAPPER.readTree(Files.readAllBytes(file)));
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }
}
