package io.accrete.cli;

import io.accrete.local.MergeRun;
import io.accrete.node.Endpoint;
import io.accrete.node.Node;
import io.accrete.node.NodeSettings;

import picocli.CommandLine.Option;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What {@code serve} and {@code worker} share: a node's place in its cluster. */
final class NodeOptions {
    @Option(
            names = "--cluster",
            paramLabel = "HOST:PORT",
            description = "where other nodes reach this one (default 127.0.0.1:25520)")
    private String cluster = "127.0.0.1:25520";

    @Option(
            names = "--seed",
            paramLabel = "HOST:PORT",
            description = "a node through which this one joins its cluster; repeatable")
    private List<String> seeds = new ArrayList<>();

    @Option(
            names = "--workers",
            paramLabel = "N",
            description =
                    "shards that it writes at the same time (default: one for each core, at"
                            + " most 4; 0: none)")
    private int workers = MergeRun.defaultWorkers();

    @Option(
            names = "--insecure",
            description = "listen beyond this machine without tokens or encryption")
    private boolean insecure;

    Endpoint cluster() {
        return Endpoint.parse(cluster);
    }

    List<Endpoint> seeds() {
        return seeds.stream().map(Endpoint::parse).toList();
    }

    int workers() {
        return workers;
    }

    boolean insecure() {
        return insecure;
    }

    /** Runs a node until a signal or the cluster ends it. */
    int run(Surroundings surroundings, NodeSettings settings)
            throws IOException, InterruptedException {
        try (Node node = Node.start(settings, Version.number())) {
            Thread ending = new Thread(() -> end(node), "accrete-leaves");
            Runtime.getRuntime().addShutdownHook(ending);
            node.http()
                    .ifPresent(
                            http ->
                                    surroundings
                                            .err()
                                            .printf(
                                                    "accrete: ready on http://%s, cluster %s%n",
                                                    http, settings.cluster()));
            if (node.http().isEmpty()) {
                surroundings.err().printf("accrete: working for %s%n", settings.seeds());
            }
            node.awaitEnd();
        }
        return ExitCode.DONE.code();
    }

    private static void end(Node node) {
        try {
            node.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
