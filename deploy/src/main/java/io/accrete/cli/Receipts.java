package io.accrete.cli;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.json.JsonMapper;

import io.accrete.protocol.store.FileIdentity;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What {@code accrete.json} of a merge result says of its bytes.
 *
 * @param program what wrote it, with its version
 * @param sources the files that were read
 */
@JsonNaming(SnakeCaseStrategy.class)
@JsonIgnoreProperties(ignoreUnknown = true)
record Receipts(String program, String job, List<Source> sources, List<Shard> shards) {
    private static final String FILE = "accrete.json";
    private static final ObjectMapper JSON = JsonMapper.builder().build();

    @JsonNaming(SnakeCaseStrategy.class)
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Source(String path, long size, long modifiedNanos, String headerSha256) {
        FileIdentity identity() {
            return new FileIdentity(path, size, modifiedNanos, headerSha256);
        }
    }

    @JsonNaming(SnakeCaseStrategy.class)
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Shard(String file, long bytes, String headerSha256, List<Tensor> tensors) {}

    /**
     * Either the digest of what was computed, or the range of a source that was copied.
     *
     * @param source index into the sources
     */
    @JsonNaming(SnakeCaseStrategy.class)
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Tensor(
            String name,
            @Nullable String sha256,
            @Nullable Integer source,
            @Nullable Long offset,
            @Nullable Long bytes) {}

    /** Empty for a model that no merge of this program made. */
    static Optional<Receipts> of(Path folder) throws IOException {
        Path file = folder.resolve(FILE);
        return Files.exists(file)
                ? Optional.of(JSON.readValue(file.toFile(), Receipts.class))
                : Optional.empty();
    }
}
