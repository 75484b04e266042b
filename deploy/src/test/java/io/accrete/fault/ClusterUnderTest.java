package io.accrete.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.node.FreePort;
import io.accrete.protocol.http.ApiJson;
import io.accrete.protocol.http.JobDocument;
import io.accrete.protocol.http.JobNews;
import io.accrete.protocol.http.JobOptions;
import io.accrete.protocol.http.JobResource;
import io.accrete.protocol.job.JobKind;
import io.accrete.remote.RemoteJobs;
import io.accrete.remote.ServerAddress;
import io.accrete.remote.ServerException;

import org.awaitility.Awaitility;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Three nodes in processes of their own, each of which may coordinate and works, with one
 * PostgreSQL, and a fourth that only works; nodes are numbered from 1.
 */
final class ClusterUnderTest implements AutoCloseable {
    static final int NODES = 3;

    /** The number of the node that only works. */
    static final int WORKER = NODES + 1;

    /**
     * In which a fault has to be got over: an answer again, a shard granted again, a job that goes
     * on. Some 16 s are usual; what was measured is printed beside the figure to reach, which
     * decides nothing.
     */
    static final Duration RECOVERY = Duration.ofSeconds(60);

    /**
     * In which processes have to start and to end, and whole jobs to end. Where two cores have
     * other tests to do, what takes seconds takes minutes.
     */
    static final Duration PATIENCE = Duration.ofMinutes(3);

    static final Duration OFTEN = Duration.ofMillis(50);

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
    private final HttpClient http = HttpClient.newHttpClient();

    /** Nodes that a test has started in another way than usual. */
    private final Set<Integer> unusual = new HashSet<>();

    private ClusterUnderTest(Path folder, Postgres postgres, List<Place> places)
            throws IOException {
        this.folder = folder;
        this.postgres = postgres;
        this.places = places;
        for (int node = 1; node <= WORKER; node++) {
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
            throws IOException, InterruptedException {
        ClusterUnderTest cluster = new ClusterUnderTest(folder, postgres, places);
        for (int node = 1; node <= WORKER; node++) {
            cluster.startNode(node);
        }
        cluster.awaitStarted();
        return cluster;
    }

    /** Without the node that only works. */
    static ClusterUnderTest startServing(Path folder) throws IOException, InterruptedException {
        ClusterUnderTest cluster =
                new ClusterUnderTest(
                        folder, Postgres.start(), Collections.nCopies(WORKER, Place.HERE));
        for (int node = 1; node <= NODES; node++) {
            cluster.startNode(node);
        }
        cluster.awaitStarted();
        return cluster;
    }

    Postgres postgres() {
        return postgres;
    }

    void startNode(int node) throws IOException {
        startNode(node, places.get(node - 1).within(), List.of());
        unusual.remove(node);
    }

    /**
     * Until the next {@link #mend}.
     *
     * @param within as in {@link Place}
     * @param options beside the usual ones, or in place of {@code --workers 1}
     */
    void startNode(int node, List<String> within, List<String> options) throws IOException {
        List<String> command = new ArrayList<>();
        if (node > NODES) {
            command.addAll(List.of("worker"));
        } else {
            command.addAll(List.of("serve", "--http", host(node) + ":" + httpPorts.get(node - 1)));
            command.addAll(List.of("--journal", postgres.url(), "--root", folder.toString()));
        }
        command.addAll(List.of("--cluster", clusterAddress(node), "--insecure"));
        for (int seed = 1; seed <= NODES; seed++) {
            command.addAll(List.of("--seed", clusterAddress(seed)));
        }
        if (!options.contains("--workers")) {
            command.addAll(List.of("--workers", "1"));
        }
        command.addAll(options);
        Path log = Files.createTempDirectory(folder, "node");
        nodes.put(node, AccreteProcess.start(folder, log, within, command));
        unusual.add(node);
    }

    private String host(int node) {
        return places.get(node - 1).host();
    }

    /** It begins the names of the node's workers. */
    String clusterAddress(int node) {
        return host(node) + ":" + clusterPorts.get(node - 1);
    }

    String httpAddress(int node) {
        return "http://" + host(node) + ":" + httpPorts.get(node - 1);
    }

    /** The nodes that serve: this one, then the others. */
    String httpAddresses(int first) {
        return Stream.concat(Stream.of(first), othersThatServe(first).stream())
                .map(this::httpAddress)
                .collect(Collectors.joining(","));
    }

    /**
     * Has one node coordinate, started in that way, with no other that serves until the next {@link
     * #mend}.
     */
    void serveAlone(int node, List<String> within, List<String> options)
            throws IOException, InterruptedException {
        leave(node);
        startNode(node, within, options);
        awaitStarted(node);
        for (int other : othersThatServe(node)) {
            leave(other);
        }
        awaitAnswer(node);
    }

    /** As SIGTERM has it. */
    void leave(int node) throws IOException, InterruptedException {
        node(node).signal("TERM");
        assertThat(node(node).endsWithin(PATIENCE)).as(node(node)::transcript).isTrue();
    }

    /** All of them at once. */
    void kill(Integer... victims) throws IOException, InterruptedException {
        for (int victim : victims) {
            node(victim).signal("KILL");
        }
        for (int victim : victims) {
            node(victim).kill();
        }
    }

    /** All that are there, at once. */
    void killAll() throws IOException, InterruptedException {
        kill(nodes.keySet().toArray(Integer[]::new));
    }

    /** Starts anew what is dead, and what was started in another way than usual. */
    void mend() throws IOException, InterruptedException {
        for (int node : List.copyOf(nodes.keySet())) {
            if (node(node).endsWithin(Duration.ZERO)) {
                startNode(node);
            }
        }
        awaitStarted();
        if (!unusual.isEmpty()) {
            for (int node : List.copyOf(unusual)) {
                leave(node);
                startNode(node);
            }
            awaitStarted();
        }
    }

    /** Until all nodes serve, and the workers are known of those that have one for sure. */
    void awaitStarted() {
        for (int node : nodes.keySet()) {
            if (node <= NODES) {
                awaitStarted(node);
            }
        }
        for (int node : nodes.keySet()) {
            if (!unusual.contains(node)) {
                awaitWorker(node);
            }
        }
    }

    /** Until the coordinator knows the worker of that node. */
    void awaitWorker(int node) {
        long pid = node(node).pid();
        try (RemoteJobs jobs = clients(1)) {
            Awaitility.await("the worker of node " + node)
                    .atMost(PATIENCE)
                    .pollInterval(OFTEN)
                    .ignoreExceptionsInstanceOf(ServerException.class)
                    .until(() -> jobs.workers().stream().anyMatch(view -> view.pid() == pid));
        }
    }

    AccreteProcess node(int node) {
        return Objects.requireNonNull(nodes.get(node), "a node that was never started");
    }

    /** A client of one node. */
    RemoteJobs client(int node) {
        return new RemoteJobs(ServerAddress.of(httpAddress(node), Optional.empty()));
    }

    /** A client that knows all nodes that serve, and begins with this one. */
    RemoteJobs clients(int first) {
        return new RemoteJobs(ServerAddress.of(httpAddresses(first), Optional.empty()));
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

    /** One that serves. */
    static int other(int node) {
        return node % NODES + 1;
    }

    static List<Integer> othersThatServe(int node) {
        return IntStream.rangeClosed(1, NODES).filter(one -> one != node).boxed().toList();
    }

    /** Those that serve, and the one that only works. */
    static List<Integer> others(int node) {
        return IntStream.rangeClosed(1, WORKER).filter(one -> one != node).boxed().toList();
    }

    /** Until the coordinator answers through this node after a fault. */
    void awaitAnswer(int node) {
        awaitAnswer(node, RECOVERY);
    }

    /** Until a node that was started serves. */
    void awaitStarted(int node) {
        awaitAnswer(node, PATIENCE);
    }

    private void awaitAnswer(int node, Duration atMost) {
        try (RemoteJobs jobs = client(node)) {
            Awaitility.await("an answer of node " + node)
                    .atMost(atMost)
                    .pollInterval(OFTEN)
                    .ignoreExceptionsInstanceOf(ServerException.class)
                    .until(() -> jobs.list(Optional.empty(), 1, Optional.empty()) != null);
        }
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

    /** For what takes a part of a job, or all of it. */
    JobResource await(int node, String job, Predicate<JobResource> condition) {
        try (RemoteJobs jobs = client(node)) {
            return Awaitility.await("job " + job)
                    .atMost(PATIENCE)
                    .pollInterval(OFTEN)
                    .ignoreExceptionsInstanceOf(ServerException.class)
                    .until(() -> jobs.show(job), condition);
        }
    }

    JobResource show(int node, String job) {
        return await(node, job, now -> true);
    }

    List<JobNews> log(int node, String job) {
        try (RemoteJobs jobs = client(node)) {
            return Awaitility.await("the log of " + job)
                    .atMost(RECOVERY)
                    .pollInterval(OFTEN)
                    .ignoreExceptionsInstanceOf(ServerException.class)
                    .until(() -> jobs.log(job), log -> true);
        }
    }

    /** A figure of the coordinator, as that node tells it. */
    double metric(int node, String name) throws IOException, InterruptedException {
        URI address = URI.create(httpAddress(node) + "/metrics");
        String page =
                http.send(HttpRequest.newBuilder(address).build(), BodyHandlers.ofString()).body();
        return page.lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length())))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + name + " in\n" + page));
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
        http.close();
        postgres.close();
    }
}
