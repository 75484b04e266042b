package io.accrete.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.accrete.coordinator.drive.DurableFiles;
import io.accrete.protocol.http.JobNews;
import io.accrete.protocol.http.JobPage;
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
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Small merges from several clients at once, while one node after the other is killed and started
 * again: each ends once, with the right bytes, and nothing that had a receipt is written again.
 *
 * <p>{@code -Daccrete.soak.merges}, {@code .clients}, {@code .kills} and {@code -Daccrete.seed}
 * change the figures. Kills are spread over the merges; with {@code -Daccrete.soak.every=60-90} one
 * comes 60 to 90 seconds after the other, and clients go on until there were as many kills as
 * merges and kills were asked for.
 */
@Tag("process")
class ClusterSoakTest {
    private static final int MERGES = Integer.getInteger("accrete.soak.merges", 40);
    private static final int CLIENTS = Integer.getInteger("accrete.soak.clients", 5);
    private static final int KILLS = Integer.getInteger("accrete.soak.kills", 2);
    private static final String EVERY = System.getProperty("accrete.soak.every", "");

    /** A little less than a journal takes. */
    private static final int MERGES_MAX = 9_000;

    private static final int PAGE = 500;

    /** For one merge, whatever is killed meanwhile. */
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private record Kill(int number, int node, boolean coordinates, long awayMillis) {
        static final String HEAD = "kill  node  coordinates  another answers after";

        String row() {
            return "%4d  %4d  %-11s  %,7d ms"
                    .formatted(number, node, coordinates ? "yes" : "no", awayMillis);
        }
    }

    @TempDir Path folder;
    private MergeUnderTest merge;
    private ClusterUnderTest cluster;
    private final Random random = new Random(Chance.SEED);
    private final List<Kill> kills = new ArrayList<>();
    private final AtomicInteger begun = new AtomicInteger();
    private final AtomicInteger ended = new AtomicInteger();
    private final AtomicInteger receipts = new AtomicInteger();
    private final AtomicInteger again = new AtomicInteger();
    private final Set<String> jobs = new ConcurrentSkipListSet<>();
    private volatile boolean allKilled;

    @BeforeEach
    void start() throws IOException, InterruptedException {
        merge = MergeUnderTest.in(folder.toRealPath());
        cluster = ClusterUnderTest.start(folder.toRealPath());
    }

    @AfterEach
    void stop() throws IOException {
        if (cluster != null) {
            cluster.close();
        }
    }

    @Test
    void everyMergeEndsOnceWithTheRightBytes() throws Exception {
        System.out.printf("%d clients, seed %d%n%s%n", CLIENTS, Chance.SEED, Kill.HEAD);
        ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();
        List<Future<?>> running = new ArrayList<>();
        try {
            for (int client = 0; client < CLIENTS; client++) {
                running.add(clients.submit(this::mergeOnAndOn));
            }
            killOnAndOn(running);
            allKilled = true;
            for (Future<?> client : running) {
                client.get(PATIENCE.toSeconds() * MERGES, TimeUnit.SECONDS);
            }
        } finally {
            clients.shutdownNow();
        }
        report();
        assertThat(ended.get())
                .isGreaterThanOrEqualTo(MERGES)
                .isEqualTo(begun.get())
                .isEqualTo(jobs.size());
        assertThat(everyJobOfTheServer()).containsExactlyInAnyOrderElementsOf(jobs);
        assertThat(again.get()).as("written again in spite of a receipt").isZero();
        assertThat(JournalAudit.interleaved(cluster.postgres().url())).isEmpty();
    }

    private void report() {
        System.out.printf(
                "%d of %d merges succeeded with the right bytes, %d clients, %d kills%n",
                ended.get(), begun.get(), CLIENTS, kills.size());
        away("of the coordinator's node", kills.stream().filter(Kill::coordinates).toList());
        away("of another node", kills.stream().filter(kill -> !kill.coordinates()).toList());
        System.out.printf(
                "%,d tasks, %d done again in spite of a receipt%n", receipts.get(), again.get());
    }

    private static void away(String of, List<Kill> those) {
        List<Long> sorted = those.stream().map(Kill::awayMillis).sorted().toList();
        System.out.printf(
                "%d kills %s%s%n",
                sorted.size(),
                of,
                sorted.isEmpty()
                        ? ""
                        : ": another answers after %,d ms in the median, %,d ms at most"
                                .formatted(sorted.get(sorted.size() / 2), sorted.getLast()));
    }

    private boolean mergeOnAndOn() throws Exception {
        while (true) {
            boolean enough = EVERY.isEmpty() || allKilled;
            int number = begun.getAndIncrement();
            if (number >= (enough ? MERGES : MERGES_MAX)) {
                begun.getAndDecrement();
                return true;
            }
            merge(number);
        }
    }

    /** As a client that only knows the addresses of the nodes and the key that it has chosen. */
    private void merge(int number) throws Exception {
        Random choice = new Random(Chance.SEED + number);
        String output = "out-" + number;
        JobResource job =
                answered(
                        choice,
                        node -> cluster.submit(node, merge.recipe(), output, "key-" + number));
        assertThat(jobs.add(job.id())).as("a job of its own for " + output).isTrue();
        JobResource last =
                await().atMost(PATIENCE)
                        .pollInterval(Duration.ofMillis(200))
                        .until(
                                () ->
                                        answered(
                                                choice,
                                                node -> told(node, jobs -> jobs.show(job.id()))),
                                now -> now.state().isTerminal());
        assertThat(last.state()).as(last.reason()).isEqualTo(JobPhase.SUCCEEDED);
        Path result = folder.toRealPath().resolve(output);
        assertThat(merge.wrongTensors(result)).isEmpty();
        // Many of them would fill the disk.
        DurableFiles.deleteTree(result);
        List<JobNews> log = answered(choice, node -> told(node, jobs -> jobs.log(job.id())));
        assertThat(JobReceipt.in(log)).hasSizeGreaterThanOrEqualTo(job.progress().tasksTotal());
        receipts.addAndGet(JobReceipt.in(log).size());
        again.addAndGet(JobReceipt.again(log).size());
        ended.incrementAndGet();
    }

    private <R> R told(int node, Inquiry<R> inquiry) throws Exception {
        try (RemoteJobs remote = cluster.client(node)) {
            return inquiry.of(remote);
        }
    }

    private interface Inquiry<R> {
        R of(RemoteJobs jobs) throws Exception;
    }

    private interface Question<R> {
        R ask(int node) throws Exception;
    }

    /** Any node that answers. */
    private static <R> R answered(Random choice, Question<R> question) {
        Callable<R> ask = () -> question.ask(1 + choice.nextInt(ClusterUnderTest.NODES));
        return await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(100))
                .ignoreExceptionsInstanceOf(ServerException.class)
                .until(ask, answer -> answer != null);
    }

    /** That of the coordinator, then any of them; a client that failed ends it too. */
    private void killOnAndOn(List<Future<?>> clients) throws Exception {
        long last = System.nanoTime();
        while (kills.size() < KILLS || (!EVERY.isEmpty() && ended.get() < MERGES)) {
            awaitNext(clients, last);
            last = System.nanoTime();
            kill(kills.isEmpty() ? cluster.coordinator() : chosen());
        }
    }

    private int chosen() {
        return 1 + random.nextInt(ClusterUnderTest.WORKER);
    }

    private void awaitNext(List<Future<?>> clients, long lastNanos) {
        int due = MERGES * (kills.size() + 1) / (KILLS + 1);
        long pause = EVERY.isEmpty() ? 0 : TimeUnit.SECONDS.toNanos(secondsToTheNext());
        try {
            await().atMost(PATIENCE)
                    .until(
                            () ->
                                    clients.stream().anyMatch(ClusterSoakTest::hasFailed)
                                            || (EVERY.isEmpty()
                                                    ? ended.get() >= due
                                                    : System.nanoTime() - lastNanos >= pause));
        } catch (ConditionTimeoutException e) {
            throw new AssertionError("%d of %d merges".formatted(ended.get(), due), e);
        }
        for (Future<?> client : clients) {
            assertThat(hasFailed(client)).as(client::toString).isFalse();
        }
    }

    private static boolean hasFailed(Future<?> client) {
        return client.state() == Future.State.FAILED;
    }

    private int secondsToTheNext() {
        String[] bounds = EVERY.split("-", 2);
        return random.nextInt(Integer.parseInt(bounds[0]), Integer.parseInt(bounds[1]) + 1);
    }

    private void kill(int victim) throws Exception {
        int other = ClusterUnderTest.other(victim);
        boolean coordinates = cluster.coordinatorSeenFrom(other) == victim;
        long begin = System.nanoTime();
        cluster.kill(victim);
        cluster.awaitAnswer(other);
        Kill kill =
                new Kill(
                        kills.size() + 1,
                        victim,
                        coordinates,
                        Duration.ofNanos(System.nanoTime() - begin).toMillis());
        System.out.println(kill.row());
        kills.add(kill);
        cluster.startNode(victim);
        cluster.awaitStarted();
    }

    private List<String> everyJobOfTheServer() throws Exception {
        List<String> found = new ArrayList<>();
        try (RemoteJobs remote = cluster.client(1)) {
            Optional<String> cursor = Optional.empty();
            do {
                JobPage page = remote.list(Optional.empty(), PAGE, cursor);
                page.jobs().forEach(job -> found.add(job.id()));
                cursor = page.cursor();
            } while (cursor.isPresent());
        }
        return found;
    }
}
