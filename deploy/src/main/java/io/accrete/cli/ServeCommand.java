package io.accrete.cli;

import io.accrete.node.Endpoint;
import io.accrete.node.NodeSettings;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

/** {@code accrete serve}: a node that coordinates jobs and serves HTTP. */
@Command(
        name = "serve",
        description = {
            "Runs a node that takes jobs over HTTP, keeps them in a journal and works on them.",
            "Alone it needs nothing installed. Several share a journal in PostgreSQL and one seed."
        })
final class ServeCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Option(
            names = "--http",
            paramLabel = "HOST:PORT",
            description = "where it serves (default 127.0.0.1:8080)")
    private String http = "127.0.0.1:8080";

    @Option(
            names = "--state",
            paramLabel = "DIR",
            description = "folder for the journal of a node that is alone (default .accrete)")
    private String state = ".accrete";

    @Option(
            names = "--journal",
            paramLabel = "URL",
            description =
                    "jdbc:postgresql://HOST/DATABASE?user=U&password=P, shared by the coordinators"
                            + " of a cluster")
    private Optional<String> journal = Optional.empty();

    @Option(
            names = "--root",
            paramLabel = "DIR",
            description =
                    "folder under which the paths of jobs must lie; repeatable, relative paths"
                            + " count from the first (default: the current directory)")
    private List<String> roots = new ArrayList<>();

    @Option(
            names = "--tokens",
            paramLabel = "FILE",
            description = "who may do what: lines of ROLE NAME SHA256; ROLE read, submit or admin")
    private Optional<String> tokens = Optional.empty();

    @Mixin private NodeOptions node = new NodeOptions();

    ServeCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws Exception {
        List<Path> folders =
                roots.isEmpty()
                        ? List.of(surroundings.directory())
                        : roots.stream().map(surroundings::resolve).toList();
        return node.run(
                surroundings,
                new NodeSettings(
                        Optional.of(Endpoint.parse(http)),
                        node.cluster(),
                        node.seeds(),
                        journal,
                        surroundings.resolve(state),
                        folders,
                        node.workers(),
                        tokens.map(surroundings::resolve),
                        node.insecure()));
    }
}
