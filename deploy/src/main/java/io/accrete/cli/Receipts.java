package io.accrete.cli;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.json.JsonMapper;

import io.accrete.protocol.safetensors.JsonMistake;
import io.accrete.protocol.store.FileIdentity;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * What {@code accrete.json} of a result says of its bytes.
 *
 * @param program what wrote it, with its version
 * @param sources the files that were read
 * @param certificateSha256 see {@link io.accrete.protocol.train.Certificate#digest}; null for a
 *     merge, and where an earlier version wrote it
 * @param sites lineage of every layer
 * @param settings of the job
 * @param publishedStep after which the weights of a training are
 * @param result figures after the last step of a training
 * @param files SHA-256 of what stands beside the weights of a training; none of a merge, and where
 *     an earlier version wrote it
 */
@JsonNaming(SnakeCaseStrategy.class)
@JsonIgnoreProperties(ignoreUnknown = true)
record Receipts(
        String program,
        String job,
        List<Source> sources,
        List<Shard> shards,
        @Nullable String certificateSha256,
        @Nullable JsonNode sites,
        @Nullable JsonNode settings,
        @Nullable Integer publishedStep,
        @Nullable JsonNode result,
        @Nullable SortedMap<String, String> files) {
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
    static Optional<Receipts> of(Path folder) throws IOException, Refusal {
        Path file = folder.resolve(FILE);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            Receipts receipts = JSON.readValue(file.toFile(), Receipts.class);
            if (!receipts.isWhole()) {
                throw invalid(file, "a field is missing, or names a source that is not listed");
            }
            return Optional.of(receipts);
        } catch (JsonProcessingException e) {
            throw invalid(file, JsonMistake.sentence(e));
        }
    }

    private static Refusal invalid(Path file, String why) {
        return Refusal.of(
                ExitCode.INVALID_INPUT,
                "FMT-206",
                file.toString(),
                "is not what a merge writes: " + why,
                "delete it to verify the folder as any other model");
    }

    /** Jackson takes what is there; a file that somebody edited may lack anything. */
    private boolean isWhole() {
        if (sources == null || shards == null) {
            return false;
        }
        boolean sourcesWhole =
                sources.stream().allMatch(s -> s.path() != null && s.headerSha256() != null);
        return sourcesWhole && shards.stream().allMatch(this::isWhole);
    }

    private boolean isWhole(Shard shard) {
        return shard.file() != null
                && shard.headerSha256() != null
                && shard.tensors() != null
                && shard.tensors().stream().allMatch(this::isWhole);
    }

    private boolean isWhole(Tensor tensor) {
        Integer source = tensor.source();
        return tensor.name() != null
                && (source == null || (source >= 0 && source < sources.size()))
                && (tensor.sha256() != null || (source != null && tensor.offset() != null));
    }
}
