package io.accrete.coordinator.merge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.accrete.protocol.job.JobSpec;
import io.accrete.protocol.job.MergeOptions;
import io.accrete.protocol.job.MergeOptions.Layout;

import org.junit.jupiter.api.Assumptions;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Models, recipes and results of real programs, where the environment says where they are. */
final class SharedMaterial {
    private static final ObjectMapper JSON = new ObjectMapper();

    private SharedMaterial() {}

    static Path data() {
        return folder("ACCRETE_DATA");
    }

    static Path goldens() {
        return folder("ACCRETE_GOLDENS");
    }

    private static Path folder(String variable) {
        String value = System.getenv(variable);
        Assumptions.assumeTrue(
                value != null, variable + " is not set, so real models are not looked at");
        return Path.of(value).toAbsolutePath();
    }

    static boolean isThere() {
        return System.getenv("ACCRETE_DATA") != null && System.getenv("ACCRETE_GOLDENS") != null;
    }

    static JsonNode json(Path file) throws IOException {
        return JSON.readTree(file.toFile());
    }

    static List<Path> folders(Path parent) throws IOException {
        try (Stream<Path> entries = Files.list(parent)) {
            return entries.filter(Files::isDirectory).sorted().toList();
        }
    }

    /** The job that runs a golden recipe: models count from the data folder. */
    static JobSpec job(Path recipe, List<String> arguments) throws IOException {
        MergeOptions options = MergeOptions.defaults(data().toString());
        long shardSize = options.outShardSize();
        int size = arguments.indexOf("--out-shard-size");
        if (size >= 0) {
            shardSize = bytes(arguments.get(size + 1));
        }
        return JobSpec.merge(
                recipe.getFileName().toString(),
                Files.readString(recipe),
                Path.of("target", "no-such-output").toAbsolutePath().toString(),
                with(
                        options,
                        Layout.MERGEKIT,
                        shardSize,
                        arguments.contains("--allow-crimes"),
                        arguments.contains("--unsafe-truncate-embeddings"),
                        arguments.contains("--strict"),
                        List.of()));
    }

    static MergeOptions with(
            MergeOptions options,
            Layout layout,
            long shardSize,
            boolean allowCrimes,
            boolean truncate,
            boolean strict,
            List<String> models) {
        return new MergeOptions(
                layout,
                shardSize,
                strict,
                allowCrimes,
                truncate,
                options.allowNonFinite(),
                options.scan(),
                options.copyTokenizer(),
                options.writeModelCard(),
                options.precise(),
                options.overwrite(),
                options.digests(),
                options.directory(),
                models,
                options.roots());
    }

    private static long bytes(String size) {
        String digits = size.replaceAll("[^0-9]", "");
        return Long.parseLong(digits)
                * switch (size.substring(digits.length()).toUpperCase(Locale.ROOT)) {
                    case "K" -> 1_000L;
                    case "M" -> 1_000_000L;
                    case "B" -> 1_000_000_000L;
                    default -> 1L;
                };
    }

    static List<String> arguments(Path caseFile) throws IOException {
        List<String> arguments = new ArrayList<>();
        json(caseFile).path("options").forEach(o -> arguments.add(o.asText()));
        return arguments;
    }
}
