package io.accrete.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.accrete.protocol.http.JobResource;
import io.accrete.protocol.job.JobPhase;
import io.accrete.remote.RemoteJobs;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What goes wrong around a cluster: disks, clocks, files, and several processes at once. */
@Tag("process")
class ClusterFaultTest {
    private static final List<Path> FAKETIME =
            List.of(
                    Path.of("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"),
                    Path.of("/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1"));

    @TempDir static Path folder;
    private static MergeUnderTest merge;
    private static ClusterUnderTest cluster;
    private static int jobs;

    /** Of the test's job, relative to the root. */
    private String output;

    /** One cluster for all: to start it takes longer than what is done to it. */
    @BeforeAll
    static void start() throws IOException, InterruptedException {
        merge = MergeUnderTest.in(folder.toRealPath());
        cluster = ClusterUnderTest.start(folder.toRealPath());
    }

    @BeforeEach
    void name() {
        output = "out-" + ++jobs;
    }

    @AfterEach
    void mend() throws IOException, InterruptedException {
        cluster.mend();
    }

    @AfterAll
    static void stop() throws IOException {
        if (cluster != null) {
            cluster.close();
        }
    }

    private Path output() throws IOException {
        return folder.toRealPath().resolve(output);
    }

    private Path staging() throws IOException {
        return folder.toRealPath().resolve("." + output + ".accrete");
    }

    @Test
    void theCoordinatorAndAWorkerAreKilledAtOnce() throws Exception {
        int coordinator = cluster.coordinator();
        int other = ClusterUnderTest.other(coordinator);
        cluster.startWorker(List.of());
        JobResource job = begun(other);

        cluster.node(ClusterUnderTest.WORKER).kill();
        cluster.node(coordinator).kill();
        Duration away = cluster.awaitAnswer(other);
        System.out.printf("fail-over, a worker dead as well: %d ms%n", away.toMillis());

        ended(other, job);
    }

    @Test
    void theDatabaseIsAwayForHalfAMinute() throws Exception {
        JobResource job = begun(2);
        cluster.postgres().pause();
        await().pollDelay(Duration.ofSeconds(30)).timeout(Duration.ofSeconds(60)).until(() -> true);
        cluster.postgres().resume();
        Duration back = cluster.awaitAnswer(2);
        System.out.printf("answers %d ms after the journal came back%n", back.toMillis());

        ended(2, job);
    }

    /** In a mount namespace of its own it sees a file system of 64 KB where shards are written. */
    @Test
    void theDiskOfOneWorkerIsFull() throws Exception {
        assumeTrue(
                System.getProperty("user.name").equals("root")
                        && Files.isExecutable(Path.of("/usr/bin/unshare")),
                "a small file system of one process needs root and unshare");
        JobResource job = begun(1);
        Path tmp = staging().resolve("tmp");
        try (RemoteJobs jobs = cluster.client(1)) {
            jobs.steer(job.id(), RemoteJobs.Verb.PAUSE);
            int before = jobs.workers().size();
            cluster.startWorker(
                    List.of(
                            "unshare",
                            "-m",
                            "sh",
                            "-c",
                            "mount -t tmpfs -o size=64k tmpfs '" + tmp + "' && exec \"$@\"",
                            "sh"));
            await().atMost(ClusterUnderTest.PATIENCE).until(() -> jobs.workers().size() > before);
            jobs.steer(job.id(), RemoteJobs.Verb.RESUME);
        }

        List<String> reasons = reasonsOfTheWorkerUntilTheEnd(job);

        ended(1, job);
        assertThat(reasons).as("what the worker was seen to fail at").isNotEmpty();
        assertThat(reasons).last().asString().contains("free");
    }

    private List<String> reasonsOfTheWorkerUntilTheEnd(JobResource job) {
        try (RemoteJobs jobs = cluster.client(1)) {
            List<String> reasons = new ArrayList<>();
            await().atMost(ClusterUnderTest.PATIENCE)
                    .until(
                            () -> {
                                jobs.workers().forEach(w -> w.reason().ifPresent(reasons::add));
                                return jobs.show(job.id()).state().isTerminal();
                            });
            return reasons;
        }
    }

    enum Harm {
        TRUNCATED,
        TOUCHED,
        REMOVED;

        void to(Path file) throws IOException {
            switch (this) {
                case TRUNCATED -> {
                    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
                        open.setLength(open.length() / 2);
                    }
                }
                case TOUCHED -> {
                    byte[] bytes = Files.readAllBytes(file);
                    bytes[bytes.length - 1] ^= 1;
                    Files.write(file, bytes);
                }
                case REMOVED -> Files.delete(file);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aSourceIsChangedUnderTheJob(Harm harm) throws Exception {
        JobResource job = begun(1);
        Path victim;
        try (Stream<Path> files = Files.list(merge.source())) {
            victim =
                    files.filter(f -> f.toString().endsWith(".safetensors"))
                            .sorted()
                            .toList()
                            .getLast();
        }
        byte[] whole = Files.readAllBytes(victim);
        harm.to(victim);
        try {
            JobResource ended = cluster.await(1, job.id(), now -> now.state().isTerminal());

            assertThat(ended.state()).as(ended.reason()).isEqualTo(JobPhase.FAILED);
            assertThat(ended.reason()).contains(victim.getFileName().toString());
            assertThat(output()).doesNotExist();
            await().until(() -> !Files.exists(staging()));
        } finally {
            Files.write(victim, whole);
        }
    }

    /** Leases are measured by elapsed time, wherever the hands of a clock stand. */
    @Test
    void theClocksOfANodeAndOfTheWorkerJumpByAnHour() throws Exception {
        Path library =
                FAKETIME.stream().filter(Files::exists).findFirst().orElse(Path.of("missing"));
        assumeTrue(Files.exists(library), "clocks cannot be moved: libfaketime is not installed");
        Path hands = folder.resolve("hands");
        Files.writeString(hands, "+0");
        List<String> fake =
                List.of(
                        "env",
                        "LD_PRELOAD=" + library,
                        "FAKETIME_TIMESTAMP_FILE=" + hands,
                        "FAKETIME_CACHE_DURATION=1",
                        "FAKETIME_DONT_FAKE_MONOTONIC=1",
                        "DONT_FAKE_MONOTONIC=1");
        assumeTrue(
                TimedWait.works(fake),
                "clocks cannot be moved: on this machine no JVM waits with libfaketime");
        int coordinator = cluster.coordinator();
        int other = ClusterUnderTest.other(coordinator);
        cluster.node(other).kill();
        cluster.startNode(other, fake);
        cluster.awaitAnswer(other);
        cluster.node(coordinator).kill();
        cluster.awaitAnswer(other);
        cluster.startWorker(fake);

        JobResource job = begun(other);
        Files.writeString(hands, "+1h");
        cluster.await(other, job.id(), now -> now.progress().tasksDone() >= 20);
        Files.writeString(hands, "-1h");
        cluster.node(ClusterUnderTest.WORKER).signal("STOP");
        try {
            ended(other, job);
        } finally {
            cluster.node(ClusterUnderTest.WORKER).signal("CONT");
        }
    }

    private JobResource begun(int node) throws Exception {
        JobResource job =
                cluster.submit(node, merge.folder().resolve("recipe.yml"), output, "key-" + output);
        return cluster.await(node, job.id(), now -> now.progress().tasksDone() >= 5);
    }

    private void ended(int node, JobResource job) throws Exception {
        JobResource ended = cluster.await(node, job.id(), now -> now.state().isTerminal());
        assertThat(ended.state()).as(ended.reason()).isEqualTo(JobPhase.SUCCEEDED);
        assertThat(merge.wrongTensors(output())).isEmpty();
        assertThat(JournalAudit.interleaved(cluster.postgres().url())).isEmpty();
    }
}
