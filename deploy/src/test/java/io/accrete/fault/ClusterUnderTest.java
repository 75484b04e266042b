package io.accrete.fault;

import io.accrete.node.FreePort;
import io.accrete.protocol.http.ApiJson;
import io.accrete.protocol.http.JobDocument;
import io.accrete.protocol.http.JobOptions;
import io.accrete.protocol.http.JobResource;
import io.accrete.protocol.job.JobKind;
import io.accrete.remote.RemoteJobs;
import io.accrete.remote.ServerAddress;
import io.accrete.remote.ServerException;

import org.awaitility.Awaitility;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Three nodes in processes of their own, with one PostgreSQL; nodes are numbered from 1. There may
 * be a fourth, which only works.
 */
final class ClusterUnderTest implements AutoCloseable {
    static final int NODES = 3;
    static final Duration PATIENCE = Duration.ofMinutes(3);

    /** The number of the node that only works. */
    static final int WORKER = NODES + 1;

    /**
     * Where a node runs.
     *
     * @param host its address
     * @param within what starts it there, see {@link AccreteProcess#start}
     */
    record Place(String host, List<String> within) {
        static final Place HERE = new Place("127.0.0.1", List.of());
    }

    private final Path folder;
    private final Postgres postgres;
    private final List<Place> places;
    private final List<Integer> httpPorts = new ArrayList<>();
    private final List<Integer> clusterPorts = new ArrayList<>();
    private final Map<Integer, AccreteProcess> nodes = new TreeMap<>();

    private ClusterUnderTest(Path folder, Postgres postgres, List<Place> places)
            throws IOException {
        this.folder = folder;
        this.postgres = postgres;
        this.places = places;
        for (int node = 0; node < WORKER; node++) {
            httpPorts.add(FreePort.next());
            clusterPorts.add(FreePort.next());
        }
    }

    /**
     * @param folder the root of its jobs
     */
    static ClusterUnderTest start(Path folder) throws IOException, InterruptedException {
        return start(folder, Postgres.start(), Collections.nCopies(WORKER, Place.HERE));
    }

    /**
     * @param places of the nodes, that of the worker last
     */
    static ClusterUnderTest start(Path folder, Postgres postgres, List<Place> places)
            throws IOException {
        ClusterUnderTest cluster = new ClusterUnderTest(folder, postgres, places);
        for (int node = 1; node <= NODES; node++) {
            cluster.startNode(node);
        }
        for (int node = 1; node <= NODES; node++) {
            cluster.awaitAnswer(node);
        }
        return cluster;
    }

    Postgres postgres() {
        return postgres;
    }

    void startNode(int node) throws IOException {
        startNode(node, places.get(node - 1).within());
    }

    /**
     * @param within as in {@link Place}, for this start only
     */
    void startNode(int node, List<String> within) throws IOException {
        start(
                node,
                within,
                List.of(
                        "serve",
                        "--http",
                        host(node) + ":" + httpPorts.get(node - 1),
                        "--journal",
                        postgres.url(),
                        "--root",
                        folder.toString(),
                        "--workers",
                        "1"));
    }

    /**
     * @param within as in {@link Place}, for this start only
     */
    void startWorker(List<String> within) throws IOException {
        start(WORKER, within, List.of("worker", "--workers", "1"));
    }

    private void start(int node, List<String> within, List<String> what) throws IOException {
        List<String> command = new ArrayList<>(what);
        command.addAll(List.of("--cluster", clusterAddress(node), "--insecure"));
        for (int seed = 1; seed <= NODES; seed++) {
            command.addAll(List.of("--seed", clusterAddress(seed)));
        }
        Path log = Files.createTempDirectory("node");
        nodes.put(node, AccreteProcess.start(folder, log, within, command));
    }

    private String host(int node) {
        return places.get(node - 1).host();
    }

    String clusterAddress(int node) {
        return host(node) + ":" + clusterPorts.get(node - 1);
    }

    String httpAddress(int node) {
        return "http://" + host(node) + ":" + httpPorts.get(node - 1);
    }

    /** Starts what is dead again, and does without the worker. */
    void mend() throws IOException, InterruptedException {
        AccreteProcess worker = nodes.remove(WORKER);
        if (worker != null) {
            worker.kill();
        }
        for (int node = 1; node <= NODES; node++) {
            if (node(node).endsWithin(Duration.ZERO)) {
                startNode(node);
            }
        }
        for (int node = 1; node <= NODES; node++) {
            awaitAnswer(node);
        }
    }

    AccreteProcess node(int node) {
        return Objects.requireNonNull(nodes.get(node), "a node that was never started");
    }

    /** A client of one node. */
    RemoteJobs client(int node) {
        return new RemoteJobs(ServerAddress.of(httpAddress(node), Optional.empty()));
    }

    /** The node on which the coordinator runs. */
    int coordinator() throws ServerException, InterruptedException {
        return coordinatorSeenFrom(1);
    }

    int coordinatorSeenFrom(int node) throws ServerException, InterruptedException {
        try (RemoteJobs jobs = client(node)) {
            String address = jobs.cluster().coordinator().orElseThrow();
            for (int one = 1; one <= NODES; one++) {
                if (address.endsWith(clusterAddress(one))) {
                    return one;
                }
            }
            throw new AssertionError("a coordinator at " + address);
        }
    }

    /** Any other than the given one. */
    static int other(int node) {
        return node % NODES + 1;
    }

    /** Returns how long it took until the coordinator answers through this node. */
    Duration awaitAnswer(int node) {
        long begun = System.nanoTime();
        try (RemoteJobs jobs = client(node)) {
            Awaitility.await()
                    .atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(100))
                    .ignoreExceptionsInstanceOf(ServerException.class)
                    .until(() -> jobs.list(Optional.empty(), 1, Optional.empty()) != null);
        }
        return Duration.ofNanos(System.nanoTime() - begun);
    }

    JobResource submit(int node, Path recipe, String output, String key)
            throws IOException, ServerException, InterruptedException {
        JobOptions manyShards = ApiJson.read("{\"out_shard_size\": 100000}", JobOptions.class);
        try (RemoteJobs jobs = client(node)) {
            return jobs.submit(
                    new JobDocument(
                            JobKind.MERGE,
                            Files.readString(recipe),
                            recipe.getFileName().toString(),
                            null,
                            output,
                            manyShards),
                    key);
        }
    }

    JobResource await(int node, String job, Predicate<JobResource> condition) {
        try (RemoteJobs jobs = client(node)) {
            return Awaitility.await()
                    .atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(50))
                    .ignoreExceptionsInstanceOf(ServerException.class)
                    .until(() -> jobs.show(job), condition);
        }
    }

    @Override
    public void close() throws IOException {
        for (AccreteProcess node : nodes.values()) {
            try {
                node.kill();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        postgres.close();
    }
}
