package io.accrete.cli;

import io.accrete.local.MergeRun;
import io.accrete.node.Endpoint;
import io.accrete.node.LogFormat;
import io.accrete.node.LogLevel;
import io.accrete.node.Node;
import io.accrete.node.NodeSettings;
import io.accrete.node.NodeStart;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What the launcher has the JVM watch once, so that it starts faster later: a demo, and the short
 * life of a node that a client asks something, all in one process.
 */
final class Rehearsal {
    private static final Endpoint ANY = new Endpoint("127.0.0.1", 0);

    private Rehearsal() {}

    /**
     * @param arguments the folder to work in
     */
    public static void main(String[] arguments) throws InterruptedException {
        Path folder = Path.of(arguments[0]).toAbsolutePath();
        Surroundings surroundings = Surroundings.ofProcess();
        MergeRun.prepare();
        NodeStart.prepare();
        int code = Main.execute(surroundings, "demo", "--steps", "0", "--dir", folder.toString());
        Main.execute(surroundings, "serve", "--print-config");
        NodeLog.begin(LogFormat.TEXT, LogLevel.WARN);
        try (Node node = Node.start(settings(folder), Version.number())) {
            String url = "http://" + node.http().orElseThrow();
            Main.execute(surroundings, "jobs", "--server", url);
        } catch (IOException e) {
            // Where no node can be run, the rest starts faster all the same.
            surroundings.err().println(e.getMessage());
        }
        System.exit(code);
    }

    private static NodeSettings settings(Path folder) {
        return new NodeSettings(
                Optional.of(ANY),
                ANY,
                List.of(),
                Optional.empty(),
                folder.resolve("state"),
                List.of(folder),
                1,
                Optional.empty(),
                false);
    }
}
