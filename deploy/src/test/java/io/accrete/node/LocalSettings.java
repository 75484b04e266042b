package io.accrete.node;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Settings of a node that is alone on this machine, on ports that are free. */
public final class LocalSettings {
    private LocalSettings() {}

    /**
     * @param root under which the paths of jobs lie; it keeps its journal there too
     * @param tokens file of those who may do something; anybody may without
     */
    public static NodeSettings in(Path root, int workers, Optional<Path> tokens) {
        Endpoint any = new Endpoint("127.0.0.1", 0);
        return new NodeSettings(
                Optional.of(any),
                any,
                List.of(),
                Optional.empty(),
                root.resolve("state"),
                List.of(root),
                workers,
                tokens,
                false);
    }

    /** With one worker, for anybody. */
    public static NodeSettings in(Path root) {
        return in(root, 1, Optional.empty());
    }
}
