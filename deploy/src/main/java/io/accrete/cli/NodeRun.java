package io.accrete.cli;

import io.accrete.node.Node;
import io.accrete.node.NodeConfig;
import io.accrete.node.NodeEnd;
import io.accrete.node.NodeSettings;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;

/** What {@code serve} and {@code worker} do: run a node until a signal or the cluster ends it. */
final class NodeRun {
    private static final Logger LOG = LoggerFactory.getLogger(NodeRun.class);

    /** Set by the launcher, which waits for the node: a node does not outlive it. */
    private static final String SUPERVISED = "accrete.supervised";

    @Option(
            names = "--print-config",
            description =
                    "print what is in force, and where it comes from, without passwords; start"
                            + " nothing")
    private boolean printConfig;

    @Option(
            names = "--no-restart",
            description =
                    "end for good where the cluster gives this node up; otherwise ./accrete starts"
                            + " it again")
    private boolean noRestart;

    int run(Surroundings surroundings, CommandSpec spec, boolean serves)
            throws IOException, InterruptedException {
        NodeConfig config = NodeOptions.of(spec, serves).config(surroundings);
        NodeSettings settings = NodeOptions.settings(config, surroundings);
        if (printConfig) {
            config.lines(settings).forEach(surroundings.out()::println);
            return ExitCode.DONE.code();
        }
        NodeLog.begin(settings.logFormat(), settings.logLevel());
        // To join takes a while, in which a launcher that is killed would give way to another
        // parent.
        Optional<ProcessHandle> launcher =
                Boolean.getBoolean(SUPERVISED)
                        ? ProcessHandle.current().parent()
                        : Optional.empty();
        try (Node node = Node.start(settings, Version.number())) {
            Thread ending = new Thread(() -> end(node), "accrete-leaves");
            Runtime.getRuntime().addShutdownHook(ending);
            launcher.ifPresent(parent -> follow(parent, node));
            say(surroundings, settings, greeting(node, settings));
            return end(node.awaitEnd(), surroundings, settings).code();
        }
    }

    private static String greeting(Node node, NodeSettings settings) {
        String scheme = settings.encryption().http().isPresent() ? "https" : "http";
        return node.http()
                .map(
                        http ->
                                "ready on %s://%s, cluster %s"
                                        .formatted(scheme, http, settings.cluster()))
                .orElseGet(() -> "working for %s".formatted(settings.seeds()));
    }

    /** What a person reads on a terminal is a line like all others where programs read them. */
    private static void say(Surroundings surroundings, NodeSettings settings, String sentence) {
        switch (settings.logFormat()) {
            case TEXT -> surroundings.err().println("accrete: " + sentence);
            case JSON -> LOG.info(sentence);
        }
    }

    private ExitCode end(NodeEnd end, Surroundings surroundings, NodeSettings settings) {
        return switch (end) {
            case LEFT -> ExitCode.DONE;
            case GIVEN_UP -> {
                say(
                        surroundings,
                        settings,
                        "this node has lost sight of the nodes that serve, which go on without it"
                                + " or have left; started again it joins them"
                                + (noRestart ? "" : ", as ./accrete does by itself"));
                yield ExitCode.GIVEN_UP;
            }
        };
    }

    private static void follow(ProcessHandle launcher, Node node) {
        Thread.ofVirtual()
                .name("accrete-launcher")
                .start(
                        () -> {
                            launcher.onExit().join();
                            end(node);
                        });
    }

    private static void end(Node node) {
        try {
            node.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
