package io.accrete.node;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * How a node is run.
 *
 * @param http where it serves; empty for a node that only works
 * @param cluster where other nodes reach it
 * @param seeds nodes through which it joins; empty for a node that is the first, or alone
 * @param journal URL of the PostgreSQL database that coordinators share; empty for one in {@code
 *     state}
 * @param state folder for what the node keeps
 * @param roots folders under which the paths of jobs must lie
 * @param workers in this process
 * @param tokens file of those who may do something
 * @param insecure listens beyond this machine without tokens and without TLS
 */
public record NodeSettings(
        Optional<Endpoint> http,
        Endpoint cluster,
        List<Endpoint> seeds,
        Optional<String> journal,
        Path state,
        List<Path> roots,
        int workers,
        Optional<Path> tokens,
        boolean insecure) {
    public NodeSettings {
        seeds = List.copyOf(seeds);
        roots = List.copyOf(roots);
    }

    boolean coordinates() {
        return http.isPresent();
    }

    /**
     * Closed by default: refuses what would let strangers in.
     *
     * @throws IOException with what to do instead
     */
    void check() throws IOException {
        if (insecure) {
            return;
        }
        if (http.isPresent() && !http.get().isLoopback() && tokens.isEmpty()) {
            throw new IOException(
                    "--http %s can be reached from other machines, and there are no --tokens: name a"
                                    .formatted(http.get())
                            + " file of tokens, listen on 127.0.0.1, or say --insecure");
        }
        if (!cluster.isLoopback()) {
            throw new IOException(
                    "--cluster %s can be reached from other machines, and traffic between nodes is"
                                    .formatted(cluster)
                            + " not encrypted yet: use 127.0.0.1, or say --insecure on a network"
                            + " that you trust");
        }
        if (coordinates() && !seeds.isEmpty() && journal.isEmpty()) {
            throw new IOException(
                    "--seed joins a cluster, whose coordinators share one journal: name it with"
                        + " --journal jdbc:postgresql://HOST/DATABASE, or run `accrete worker`");
        }
    }
}
