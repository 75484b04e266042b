package io.accrete.protocol.merge;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The lineage in {@code accrete.json}, which stands in each folder that Accrete publishes. */
public final class LineageFile {
    public static final String NAME = "accrete.json";

    private static final long BYTES_MAX = 1L << 30;
    private static final ObjectMapper MAPPER =
            JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

    private LineageFile() {}

    /**
     * The lineage of a model; empty where the folder was not published by Accrete.
     *
     * @param layers that the model has
     * @throws IOException if the file is there and cannot be understood
     */
    public static Optional<Lineage> read(Path folder, int layers) throws IOException {
        Path file = folder.resolve(NAME);
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        long bytes = Files.size(file);
        if (bytes > BYTES_MAX) {
            throw new IOException(
                    "%s has %d bytes; at most %d are read".formatted(file, bytes, BYTES_MAX));
        }
        try {
            return Optional.of(of(MAPPER.readTree(Files.readAllBytes(file)), file, layers));
        } catch (JsonProcessingException e) {
            throw new IOException(
                    "%s is not JSON: %s; remove it, and the layers count as no clones"
                            .formatted(file, e.getOriginalMessage()),
                    e);
        }
    }

    private static Lineage of(JsonNode json, Path file, int layers) throws IOException {
        JsonNode listed = json.path("sites");
        if (!listed.isArray() || listed.size() != layers) {
            throw new IOException(
                    "%s lists %d sites, and the model has %d layers: it belongs to another model"
                            .formatted(file, listed.size(), layers));
        }
        List<Site> sites = new ArrayList<>();
        for (JsonNode entry : listed) {
            Site site =
                    new Site(
                            entry.path("site").asInt(-1),
                            entry.path("model").asText(),
                            entry.path("layer").asInt(-1),
                            entry.path("occurrence").asInt(-1),
                            entry.path("copies").asInt(-1));
            if (site.site() != sites.size()
                    || site.layer() < 0
                    || site.occurrence() < 0
                    || site.copies() <= site.occurrence()) {
                throw new IOException(
                        "%s: entry %d of `sites` is not the lineage of a layer"
                                .formatted(file, sites.size()));
            }
            sites.add(site);
        }
        return new Lineage(sites);
    }
}
