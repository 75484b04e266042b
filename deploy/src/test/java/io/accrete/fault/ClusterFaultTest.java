package io.accrete.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.accrete.fault.SharedCluster.Caught;
import io.accrete.protocol.http.FoldersResource.Root;
import io.accrete.protocol.http.JobNews;
import io.accrete.protocol.http.JobResource;
import io.accrete.protocol.job.JobPhase;
import io.accrete.remote.RemoteJobs;
import io.accrete.remote.ServerException;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/**
 * What goes wrong around a cluster: disks, clocks, files, its journal, and several processes at
 * once. Measured times are printed; only generous deadlines decide.
 */
@Tag("process")
class ClusterFaultTest {
    private static final List<Path> FAKETIME =
            List.of(
                    Path.of("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"),
                    Path.of("/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1"));

    /** So many times the tasks, that a job goes on while something is done to its workers. */
    private static final int MANY = 8;

    /** How long the database is away. */
    private static final Duration OUTAGE =
            Duration.ofSeconds(Integer.getInteger("accrete.outage", 30));

    private static final Duration OUTAGE_AGAIN = Duration.ofSeconds(10);

    private static final String FENCED = "accrete_results_fenced_total";
    private static final String EXPIRED = "accrete_leases_expired_total";

    @RegisterExtension static final SharedCluster SHARED = SharedCluster.here();

    private static ClusterUnderTest cluster() {
        return SHARED.cluster();
    }

    private static int anyThatServes() {
        return SHARED.chance().between(1, ClusterUnderTest.NODES);
    }

    /** In a mount namespace of its own it has another file system at the root of all. */
    @Test
    void aNodeThatSeesAnotherFolderIsNamed() throws Exception {
        assumeMounts();
        int other = anyThatServes();
        int asked = ClusterUnderTest.other(other);
        String folder = SHARED.folder().toString();
        cluster().leave(other);
        cluster()
                .startNode(
                        other,
                        mounted("mount -t tmpfs tmpfs '%s' && cd '%s'".formatted(folder, folder)),
                        List.of());
        cluster().awaitStarted(other);

        try (RemoteJobs jobs = cluster().client(asked)) {
            Root root = jobs.folders().roots().getFirst();
            assertThat(root.path()).isEqualTo(folder);
            assertThat(root.unseen()).containsExactly(cluster().clusterAddress(other));
            assertThat(root.shared())
                    .containsExactlyInAnyOrder(
                            ClusterUnderTest.othersThatServe(other).stream()
                                    .map(cluster()::clusterAddress)
                                    .toArray(String[]::new));
        }
    }

    private static void assumeMounts() {
        assumeTrue(
                System.getProperty("user.name").equals("root")
                        && Files.isExecutable(Path.of("/usr/bin/unshare")),
                "a file system of one process needs root and unshare");
    }

    /** What starts another program after it has mounted what only that one sees. */
    private static List<String> mounted(String command) {
        return List.of("unshare", "-m", "sh", "-c", command + " && exec \"$@\"", "sh");
    }

    @Test
    void theCoordinatorAndAWorkerAreKilledAtOnce() throws Exception {
        int coordinator = cluster().coordinator();
        int other = SHARED.chance().oneOf(ClusterUnderTest.othersThatServe(coordinator));
        JobResource job = SHARED.begun(other);

        long begun = System.nanoTime();
        cluster().kill(ClusterUnderTest.WORKER, coordinator);
        cluster().awaitAnswer(other);
        SharedCluster.measured("an answer after kill -9 of coordinator and worker", begun, 20);

        SHARED.ended(other, job);
        assertThat(JobReceipt.again(cluster().log(other, job.id()))).isEmpty();
    }

    /** Twice in a short time, the first time for long; jobs are submitted all the while. */
    @Test
    void theDatabaseIsAwayWhileJobsAreSubmitted() throws Exception {
        int asked = anyThatServes();
        JobResource job = SHARED.begun(asked);
        Map<String, Future<JobResource>> submitted = new TreeMap<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            cluster().postgres().pause();
            for (int node = 1; node <= ClusterUnderTest.NODES; node++) {
                int through = node;
                String output = SHARED.outputName() + "-in-outage-" + node;
                submitted.put(output, threads.submit(() -> submittedAtLast(through, output)));
            }
            SHARED.chance().pause(OUTAGE, OUTAGE);
            comesBack(asked, job, OUTAGE);
            cluster().postgres().pause();
            SHARED.chance().pause(OUTAGE_AGAIN, OUTAGE_AGAIN);
            comesBack(asked, job, OUTAGE_AGAIN);
        }

        SHARED.ended(asked, job);
        for (Map.Entry<String, Future<JobResource>> one : submitted.entrySet()) {
            SHARED.succeeded(asked, one.getValue().get(), one.getKey());
        }
    }

    /** As a client does that sends the same again until it is answered. */
    private static JobResource submittedAtLast(int node, String output) {
        return Awaitility.await(output)
                .atMost(OUTAGE.plus(ClusterUnderTest.PATIENCE))
                .pollInterval(ClusterUnderTest.OFTEN)
                .ignoreExceptionsMatching(e -> e instanceof ServerException s && s.isPassing())
                .until(
                        () ->
                                cluster()
                                        .submit(
                                                node,
                                                SHARED.merge().recipe(),
                                                output,
                                                "key-" + output),
                        job -> true);
    }

    private static void comesBack(int asked, JobResource job, Duration outage) throws Exception {
        cluster().postgres().resume();
        SHARED.goesOn(asked, job, outage.toSeconds() + " s without the journal");
    }

    @Test
    void theDatabaseEndsTheSessionOfTheCoordinatorInMidTransaction() throws Exception {
        int asked = anyThatServes();
        JobResource job = SHARED.begun(asked);
        try (HeldJournal held = HeldJournal.at(cluster().postgres().url())) {
            held.awaitWriter();
            held.endWriters();
        }
        SHARED.goesOn(asked, job, "its transaction was broken off");

        SHARED.ended(asked, job);
    }

    /** In a mount namespace of its own it sees a file system of 64 KB where shards are written. */
    @Test
    void theDiskOfOneWorkerIsFull() throws Exception {
        assumeMounts();
        int asked = anyThatServes();
        cluster().kill(ClusterUnderTest.WORKER);
        MergeUnderTest merge = SHARED.merge().times(MANY);
        JobResource job = SHARED.begun(asked, merge);
        Path tmp = SHARED.staging().resolve("tmp");
        try (RemoteJobs jobs = cluster().client(asked)) {
            jobs.steer(job.id(), RemoteJobs.Verb.PAUSE);
            cluster()
                    .startNode(
                            ClusterUnderTest.WORKER,
                            mounted("mount -t tmpfs -o size=64k tmpfs '" + tmp + "'"),
                            List.of());
            cluster().awaitWorker(ClusterUnderTest.WORKER);
            jobs.steer(job.id(), RemoteJobs.Verb.RESUME);
        }

        List<String> reasons = reasonsOfWorkersUntilTheEnd(asked, job);

        SHARED.ended(asked, job, merge);
        assertThat(reasons).as("what the worker was seen to fail at").isNotEmpty();
        assertThat(reasons).last().asString().contains("free");
    }

    private static List<String> reasonsOfWorkersUntilTheEnd(int asked, JobResource job) {
        try (RemoteJobs jobs = cluster().client(asked)) {
            List<String> reasons = new ArrayList<>();
            Awaitility.await()
                    .atMost(ClusterUnderTest.PATIENCE)
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
        int asked = anyThatServes();
        JobResource job = SHARED.begun(asked);
        Path victim;
        try (Stream<Path> files = Files.list(SHARED.merge().source())) {
            victim =
                    files.filter(f -> f.toString().endsWith(".safetensors"))
                            .sorted()
                            .toList()
                            .getLast();
        }
        byte[] whole = Files.readAllBytes(victim);
        harm.to(victim);
        try {
            JobResource ended = cluster().await(asked, job.id(), now -> now.state().isTerminal());

            assertThat(ended.state()).as(ended.reason()).isEqualTo(JobPhase.FAILED);
            assertThat(ended.reason()).contains(victim.getFileName().toString());
            assertThat(SHARED.output()).doesNotExist();
            SharedCluster.recovers("the staging folder goes")
                    .until(() -> !Files.exists(SHARED.staging()));
        } finally {
            Files.write(victim, whole);
        }
    }

    /**
     * The lease ends before the cluster gives up who is silent, so that the worker is still there
     * when it goes on: its result is refused, unless it sees first that its lease is over.
     */
    @Test
    void theResultOfAWorkerThatWasStoppedPastItsLeaseIsNotTaken() throws Exception {
        int alone = anyThatServes();
        cluster().serveAlone(alone, List.of(), SHARED.shortLease(Duration.ofSeconds(5)));
        cluster().awaitWorker(ClusterUnderTest.WORKER);
        MergeUnderTest merge = SHARED.merge().times(MANY);
        JobResource job = SHARED.begun(alone, merge);
        Caught caught = SHARED.catchAtWork(ClusterUnderTest.WORKER, alone, job);
        double before = cluster().metric(alone, FENCED);
        try {
            SHARED.awaitGrantedAgain(caught, alone, job);
        } finally {
            cluster().node(ClusterUnderTest.WORKER).signal("CONT");
        }

        SHARED.ended(alone, job, merge);
        System.out.printf("%.0f results were refused%n", cluster().metric(alone, FENCED) - before);
        List<JobNews> log = cluster().log(alone, job.id());
        assertThat(JobReceipt.again(log)).isEmpty();
        assertThat(SharedCluster.writer(caught, log))
                .get()
                .matches(worker -> !SHARED.isOf(worker, ClusterUnderTest.WORKER));
    }

    /**
     * The clocks of the coordinator's node and of the worker. A lease that is judged by them would
     * end at once where they jump forwards, and never where they jump back.
     */
    @Test
    void leasesEndByElapsedTimeWhereverClocksJump() throws Exception {
        Path library =
                FAKETIME.stream().filter(Files::exists).findFirst().orElse(Path.of("missing"));
        assumeTrue(Files.exists(library), "clocks cannot be moved: libfaketime is not installed");
        Path hands = SHARED.folder().resolve("hands");
        Files.writeString(hands, "+0");
        List<String> fake =
                List.of(
                        "env",
                        "LD_PRELOAD=" + library,
                        "FAKETIME_TIMESTAMP_FILE=" + hands,
                        "FAKETIME_CACHE_DURATION=1",
                        "FAKETIME_DONT_FAKE_MONOTONIC=1",
                        // Otherwise each timed wait of a JVM is busy waiting.
                        "FAKETIME_FORCE_MONOTONIC_FIX=0");
        assumeTrue(
                TimedWait.works(fake),
                "clocks cannot be moved: on this machine no JVM waits with libfaketime");
        int alone = anyThatServes();
        Duration lease = Duration.ofSeconds(6);
        cluster().serveAlone(alone, fake, SHARED.shortLease(lease));
        cluster().leave(ClusterUnderTest.WORKER);
        cluster().startNode(ClusterUnderTest.WORKER, fake, List.of());
        cluster().awaitWorker(ClusterUnderTest.WORKER);
        MergeUnderTest merge = SHARED.merge().times(MANY);
        for (String jump : List.of("+1h", "-1h")) {
            JobResource job = SHARED.begun(alone, merge);
            double before = cluster().metric(alone, EXPIRED);
            Caught caught = SHARED.catchAtWork(ClusterUnderTest.WORKER, alone, job);
            try {
                Files.writeString(hands, jump);
                SharedCluster.recovers("the lease ends")
                        .until(() -> cluster().metric(alone, EXPIRED) > before);
                SharedCluster.measured(
                        "lease of %s ends, clock %s".formatted(lease, jump),
                        caught.sinceNanos(),
                        (int) lease.toSeconds());
                assertThat(Duration.ofNanos(System.nanoTime() - caught.sinceNanos()))
                        .as("the last renewal was a little earlier")
                        .isGreaterThan(lease.dividedBy(2));
            } finally {
                cluster().node(ClusterUnderTest.WORKER).signal("CONT");
            }
            SHARED.ended(alone, job, merge);
            SHARED.takeAnotherOutput();
        }
    }
}
