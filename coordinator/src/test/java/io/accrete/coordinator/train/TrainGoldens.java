package io.accrete.coordinator.train;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

import io.accrete.protocol.merge.Lineage;
import io.accrete.protocol.merge.Site;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The expected results of training that lie outside the repository. */
final class TrainGoldens {
    private TrainGoldens() {}

    static Path folder(String variable) {
        String folder = System.getenv(variable);
        assumeTrue(folder != null, variable + " names no folder: its material is not tested");
        return Path.of(folder);
    }

    static JsonNode json(String name) throws IOException {
        return JsonMapper.builder()
                .build()
                .readTree(folder("ACCRETE_GOLDENS").resolve("train").resolve(name).toFile());
    }

    /** Names of the cases that have a file. */
    static List<String> cases(String file) throws IOException {
        try (Stream<Path> folders = Files.list(folder("ACCRETE_GOLDENS").resolve("train"))) {
            return folders.filter(folder -> Files.exists(folder.resolve(file)))
                    .map(folder -> folder.getFileName().toString())
                    .sorted()
                    .toList();
        }
    }

    static Lineage lineage(JsonNode golden, int layers) {
        if (!golden.path("sites").isArray()) {
            return Lineage.plain("base", layers);
        }
        List<Site> sites = new ArrayList<>();
        for (JsonNode site : golden.path("sites")) {
            sites.add(
                    new Site(
                            site.path("site").asInt(),
                            "base",
                            site.path("source_layer").asInt(),
                            site.path("occurrence").asInt(),
                            site.path("k").asInt()));
        }
        return new Lineage(sites);
    }
}
