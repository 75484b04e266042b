package io.accrete.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.accrete.protocol.http.JobResource;
import io.accrete.protocol.job.JobPhase;
import io.accrete.remote.RemoteJobs;
import io.accrete.remote.ServerException;

import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Many small merges from several clients, while one node after the other is killed and started
 * again: each ends once, with the right bytes. {@code -Daccrete.soak.merges}, {@code .clients},
 * {@code .kills} and {@code -Daccrete.seed} change the figures.
 */
@Tag("process")
class ClusterSoakTest {
    private static final int MERGES = Integer.getInteger("accrete.soak.merges", 40);
    private static final int CLIENTS = Integer.getInteger("accrete.soak.clients", 5);
    private static final int KILLS = Integer.getInteger("accrete.soak.kills", 2);
    private static final long SEED = Long.getLong("accrete.seed", 1);

    /** For one merge, whatever is killed meanwhile. */
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    @TempDir Path folder;
    private MergeUnderTest merge;
    private ClusterUnderTest cluster;
    private final AtomicInteger ended = new AtomicInteger();

    /**
     * Leases that were granted, and those whose result was taken, by coordinators that are gone.
     */
    private double granted;

    private double settled;

    @BeforeEach
    void start() throws IOException, InterruptedException {
        merge = MergeUnderTest.in(folder.toRealPath());
        cluster = ClusterUnderTest.start(folder.toRealPath());
        cluster.startWorker(List.of());
    }

    @AfterEach
    void stop() throws IOException {
        if (cluster != null) {
            cluster.close();
        }
    }

    @Test
    void everyMergeEndsOnceWithTheRightBytes() throws Exception {
        System.out.printf("%d merges, %d clients, seed %d%n", MERGES, CLIENTS, SEED);
        ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();
        Semaphore atOnce = new Semaphore(CLIENTS);
        List<Future<JobResource>> jobs = new ArrayList<>();
        try {
            for (int i = 0; i < MERGES; i++) {
                int number = i;
                jobs.add(
                        clients.submit(
                                () -> {
                                    atOnce.acquire();
                                    try {
                                        return merged(number);
                                    } finally {
                                        atOnce.release();
                                    }
                                }));
            }
            killAllAlong(new Random(SEED));
            List<String> ids = new ArrayList<>();
            for (Future<JobResource> job : jobs) {
                ids.add(job.get(PATIENCE.toSeconds(), TimeUnit.SECONDS).id());
            }
            assertThat(ids).hasSize(MERGES).doesNotHaveDuplicates();
            assertThat(everyJobOfTheServer()).containsExactlyInAnyOrderElementsOf(ids);
        } finally {
            clients.shutdownNow();
        }
        count(cluster.coordinator());
        System.out.printf(
                "%.0f tasks, %.0f leases beyond one for each%n", settled, granted - settled);
        assertThat(JournalAudit.interleaved(cluster.postgres().url())).isEmpty();
    }

    /** What the coordinator on that node has granted and taken so far. */
    private void count(int node) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            URI address = URI.create(cluster.httpAddress(node) + "/metrics");
            String page =
                    client.send(HttpRequest.newBuilder(address).build(), BodyHandlers.ofString())
                            .body();
            granted += value(page, "accrete_leases_granted_total");
            settled += value(page, "accrete_tasks_settled_total");
        }
    }

    private static double value(String page, String metric) {
        return page.lines()
                .filter(line -> line.startsWith(metric + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(metric.length())))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + metric + " in\n" + page));
    }

    /** As a client that only knows the addresses of the nodes and the key that it has chosen. */
    private JobResource merged(int number) throws Exception {
        Random random = new Random(SEED + number);
        String output = "out-" + number;
        Path recipe = merge.folder().resolve("recipe.yml");
        JobResource job =
                answered(random, node -> cluster.submit(node, recipe, output, "key-" + number));
        JobResource last =
                await().atMost(PATIENCE)
                        .pollInterval(Duration.ofMillis(200))
                        .until(
                                () ->
                                        answered(
                                                random,
                                                node -> {
                                                    try (RemoteJobs jobs = cluster.client(node)) {
                                                        return jobs.show(job.id());
                                                    }
                                                }),
                                now -> now.state().isTerminal());
        assertThat(last.state()).as(last.reason()).isEqualTo(JobPhase.SUCCEEDED);
        assertThat(merge.wrongTensors(folder.toRealPath().resolve(output))).isEmpty();
        ended.incrementAndGet();
        return last;
    }

    private interface Question<R> {
        R ask(int node) throws Exception;
    }

    /** Any node that answers. */
    private <R> R answered(Random random, Question<R> question) {
        Callable<R> ask = () -> question.ask(1 + random.nextInt(ClusterUnderTest.NODES));
        return await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(100))
                .ignoreExceptionsInstanceOf(ServerException.class)
                .until(ask, answer -> answer != null);
    }

    /** One node after the other, whenever another part of the merges has ended. */
    private void killAllAlong(Random random) throws Exception {
        List<Long> failOvers = new ArrayList<>();
        for (int kill = 1; kill <= KILLS; kill++) {
            int due = MERGES * kill / (KILLS + 1);
            try {
                await().atMost(PATIENCE).until(() -> ended.get() >= due);
            } catch (ConditionTimeoutException e) {
                throw new AssertionError("%d of %d merges".formatted(ended.get(), due), e);
            }
            int victim = 1 + random.nextInt(ClusterUnderTest.NODES);
            int other = ClusterUnderTest.other(victim);
            boolean coordinates = cluster.coordinatorSeenFrom(other) == victim;
            if (coordinates) {
                count(victim);
            }
            cluster.node(victim).kill();
            long away = cluster.awaitAnswer(other).toMillis();
            System.out.printf(
                    "kill %d: node %d%s, an answer after %d ms%n",
                    kill, victim, coordinates ? ", which coordinates" : "", away);
            if (coordinates) {
                failOvers.add(away);
            }
            cluster.startNode(victim);
            cluster.awaitAnswer(victim);
        }
        Collections.sort(failOvers);
        System.out.printf(
                "%d kills, %d fail-overs%s%n",
                KILLS,
                failOvers.size(),
                failOvers.isEmpty()
                        ? ""
                        : ", median %d ms, longest %d ms"
                                .formatted(
                                        failOvers.get(failOvers.size() / 2), failOvers.getLast()));
    }

    private List<String> everyJobOfTheServer() throws Exception {
        try (RemoteJobs jobs = cluster.client(1)) {
            return jobs.list(Optional.empty(), MERGES + 1, Optional.empty()).jobs().stream()
                    .map(JobResource::id)
                    .toList();
        }
    }
}
