package io.accrete.fault;

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
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/** Three nodes in processes of their own, with one PostgreSQL; nodes are numbered from 1. */
final class ClusterUnderTest implements AutoCloseable {
    static final int NODES = 3;
    static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Path folder;
    private final Postgres postgres;
    private final List<Integer> httpPorts = new ArrayList<>();
    private final List<Integer> clusterPorts = new ArrayList<>();
    private final Map<Integer, AccreteProcess> nodes = new TreeMap<>();

    private ClusterUnderTest(Path folder, Postgres postgres) throws IOException {
        this.folder = folder;
        this.postgres = postgres;
        for (int node = 0; node < NODES; node++) {
            httpPorts.add(freePort());
            clusterPorts.add(freePort());
        }
    }

    /**
     * @param folder the root of its jobs
     */
    static ClusterUnderTest start(Path folder) throws IOException, InterruptedException {
        ClusterUnderTest cluster = new ClusterUnderTest(folder, Postgres.start());
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
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "serve",
                                "--http",
                                "127.0.0.1:" + httpPorts.get(node - 1),
                                "--cluster",
                                "127.0.0.1:" + clusterPorts.get(node - 1),
                                "--journal",
                                postgres.url(),
                                "--root",
                                folder.toString(),
                                "--workers",
                                "1"));
        for (int port : clusterPorts) {
            command.addAll(List.of("--seed", "127.0.0.1:" + port));
        }
        nodes.put(node, AccreteProcess.start(folder, Files.createTempDirectory("node"), command));
    }

    AccreteProcess node(int node) {
        return Objects.requireNonNull(nodes.get(node), "a node that was never started");
    }

    /** A client of one node. */
    RemoteJobs client(int node) {
        return new RemoteJobs(
                ServerAddress.of("http://127.0.0.1:" + httpPorts.get(node - 1), Optional.empty()));
    }

    /** The node on which the coordinator runs. */
    int coordinator() throws ServerException, InterruptedException {
        try (RemoteJobs jobs = client(1)) {
            String address = jobs.cluster().coordinator().orElseThrow();
            int port = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
            return clusterPorts.indexOf(port) + 1;
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

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
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
