package io.accrete.node;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;

import io.accrete.protocol.job.Problem;
import io.accrete.worker.tensor.ComputeDevice;

import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How a node is run.
 *
 * @param http where it serves; empty for a node that only works
 * @param cluster where other nodes reach it
 * @param clusterBind where it listens for them
 * @param seeds nodes through which it joins; empty for a node that is the first, or alone
 * @param journal URL of the PostgreSQL database that coordinators share; empty for one in {@code
 *     state}
 * @param state folder for what the node keeps
 * @param roots folders under which the paths of jobs must lie
 * @param workers in this process that compute on the processor
 * @param tokens file of those who may do something
 * @param encryption of its traffic
 * @param link where stages in other processes reach those in this one, if somebody said so
 * @param linkBind where it listens for them, likewise
 * @param insecure listens beyond this machine without tokens and without TLS
 * @param gpus on each of which one more worker computes
 * @param bounds that differ from those of {@code reference.conf}, with their full names
 */
public record NodeSettings(
        Optional<Endpoint> http,
        Endpoint cluster,
        Endpoint clusterBind,
        List<Endpoint> seeds,
        Optional<String> journal,
        Path state,
        List<Path> roots,
        int workers,
        Optional<Path> tokens,
        Encryption encryption,
        Optional<Endpoint> link,
        Optional<Endpoint> linkBind,
        boolean insecure,
        LogFormat logFormat,
        LogLevel logLevel,
        List<ComputeDevice.Cuda> gpus,
        Config bounds) {
    public NodeSettings {
        seeds = List.copyOf(seeds);
        gpus = List.copyOf(gpus);
        roots = List.copyOf(roots);
    }

    /** Without encryption, and as {@code reference.conf} says. */
    public NodeSettings(
            Optional<Endpoint> http,
            Endpoint cluster,
            List<Endpoint> seeds,
            Optional<String> journal,
            Path state,
            List<Path> roots,
            int workers,
            Optional<Path> tokens,
            boolean insecure) {
        this(
                http,
                cluster,
                cluster,
                seeds,
                journal,
                state,
                roots,
                workers,
                tokens,
                Encryption.none(),
                Optional.empty(),
                Optional.empty(),
                insecure,
                LogFormat.TEXT,
                LogLevel.INFO,
                List.of(),
                ConfigFactory.empty());
    }

    boolean coordinates() {
        return http.isPresent();
    }

    /**
     * Closed by default: refuses what would let strangers in, and what cannot work.
     *
     * @throws NodeRefusal with what to do instead
     */
    void check() throws NodeRefusal {
        List<Problem> problems = new ArrayList<>();
        List<Problem> unresolved = new ArrayList<>();
        if (http.isPresent() && isOpen(NodeKey.HTTP, http.get(), unresolved)) {
            checkOpenHttp(http.get(), problems);
        }
        if (isOpen(NodeKey.CLUSTER_BIND, clusterBind, unresolved)
                && encryption.cluster().isEmpty()) {
            problems.add(
                    Problem.error(
                            "CLU-105",
                            null,
                            "--cluster %s can be reached from other machines, and traffic between"
                                            .formatted(clusterBind)
                                    + " nodes is not encrypted",
                            "name --cluster-cert, --cluster-key and --cluster-ca"
                                    + " (deploy/make-certificates makes them), use 127.0.0.1, or"
                                    + " say --insecure on a network that you trust"));
        }
        if (cluster.isEveryAddress()) {
            problems.add(
                    Problem.error(
                            "CLU-105",
                            null,
                            "--cluster %s is every address of this machine, and none under which"
                                            .formatted(cluster)
                                    + " others can reach it",
                            "name the one that others use, and --cluster-bind %s to listen on all"
                                    .formatted(cluster)));
        }
        if (coordinates() && !seeds.isEmpty() && journal.isEmpty()) {
            problems.add(
                    Problem.error(
                            "CLU-105",
                            null,
                            "--seed joins a cluster, whose coordinators share one journal, and"
                                    + " there is no --journal",
                            "name it with --journal jdbc:postgresql://HOST/DATABASE, or run"
                                    + " `accrete worker`"));
        }
        if (!coordinates() && seeds.isEmpty()) {
            problems.add(
                    Problem.error(
                            "CLU-105",
                            null,
                            "a node that only works needs a cluster",
                            "name a node of it with --seed HOST:PORT"));
        }
        if (!problems.isEmpty() || !unresolved.isEmpty()) {
            NodeRefusal.Kind kind =
                    problems.isEmpty() ? NodeRefusal.Kind.MACHINE : NodeRefusal.Kind.SETTINGS;
            problems.addAll(unresolved);
            throw new NodeRefusal(kind, problems);
        }
    }

    /** To strangers, where nobody said that this is meant. */
    private boolean isOpen(NodeKey key, Endpoint endpoint, List<Problem> unresolved) {
        try {
            return !isLoopback(key, endpoint) && !insecure;
        } catch (NodeRefusal e) {
            unresolved.addAll(e.problems());
            return false;
        }
    }

    /**
     * Where tensors of other processes are taken, and under which name. Nowhere, unless somebody
     * said so, on a node whose other traffic with strange machines is encrypted.
     */
    Optional<Link> links() throws NodeRefusal {
        boolean closed =
                encryption.cluster().isPresent()
                        && !isLoopback(NodeKey.CLUSTER_BIND, clusterBind)
                        && !insecure;
        if (workers + gpus.size() == 0 || link.isEmpty() && closed) {
            return Optional.empty();
        }
        Endpoint named = link.orElse(new Endpoint(cluster.host(), 0));
        return Optional.of(
                new Link(
                        named,
                        linkBind.orElse(
                                link.isPresent() ? named : new Endpoint(clusterBind.host(), 0))));
    }

    /**
     * @param named as others find it
     */
    record Link(Endpoint named, Endpoint bind) {}

    private void checkOpenHttp(Endpoint open, List<Problem> problems) {
        String found = "--http %s can be reached from other machines, and ".formatted(open);
        if (tokens.isEmpty()) {
            problems.add(
                    Problem.error(
                            "CLU-105",
                            null,
                            found + "there are no --tokens",
                            "name a file of tokens, listen on 127.0.0.1, or say --insecure"));
        }
        if (encryption.http().isEmpty()) {
            problems.add(
                    Problem.error(
                            "CLU-105",
                            null,
                            found + "without TLS whoever listens on the way can read the tokens",
                            "name --tls-cert and --tls-key (deploy/make-certificates makes them),"
                                    + " listen on 127.0.0.1 behind a proxy that encrypts, or say"
                                    + " --insecure"));
        }
    }

    private static boolean isLoopback(NodeKey key, Endpoint endpoint) throws NodeRefusal {
        try {
            return endpoint.isLoopback();
        } catch (UnknownHostException e) {
            throw unresolved(key, endpoint);
        }
    }

    static NodeRefusal unresolved(NodeKey key, Endpoint endpoint) {
        return NodeRefusal.of(
                NodeRefusal.Kind.MACHINE,
                "CLU-106",
                "%s %s: the name '%s' does not resolve on this machine"
                        .formatted(key.flag(), endpoint, endpoint.host()),
                "write an address, or make the name known (DNS, /etc/hosts)");
    }
}
