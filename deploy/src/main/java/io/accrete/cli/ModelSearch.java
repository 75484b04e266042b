package io.accrete.cli;

import io.accrete.protocol.job.MergeOptions;
import io.accrete.protocol.store.ModelLocator;

import picocli.CommandLine.Option;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Where a command looks for models by name. */
final class ModelSearch {
    @Option(
            names = "--models",
            paramLabel = "DIR",
            description = "where org/name is looked for, as DIR/org/name and DIR/name; repeatable")
    private List<String> models = new ArrayList<>();

    /** Absolute. */
    List<Path> folders(Path directory) {
        return models.stream().map(folder -> directory.resolve(folder).normalize()).toList();
    }

    /** Of a job that is no merge: it has no other options. */
    MergeOptions options(Path directory, boolean overwrite) {
        return MergeOptions.defaults(
                directory.toString(),
                folders(directory).stream().map(Path::toString).toList(),
                List.of(),
                overwrite);
    }

    ModelLocator locator(Surroundings surroundings) {
        return ModelLocator.of(
                surroundings.directory(),
                folders(surroundings.directory()),
                surroundings.environment());
    }
}
