package io.accrete.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.accrete.protocol.http.JobNews;
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

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a cluster of three nodes must survive: killed, stopped and restarted processes, and a
 * journal that goes away. Measured times are printed; only generous deadlines decide.
 */
@Tag("process")
class ClusterTest {
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

    private static Path recipe() {
        return merge.folder().resolve("recipe.yml");
    }

    private JobResource begun(int node) throws Exception {
        JobResource job = cluster.submit(node, recipe(), output, "key-" + output);
        return cluster.await(node, job.id(), now -> now.progress().tasksDone() >= 5);
    }

    private JobResource ended(int node, JobResource job) throws Exception {
        JobResource ended = cluster.await(node, job.id(), now -> now.state().isTerminal());
        assertThat(ended.state()).as(ended.reason()).isEqualTo(JobPhase.SUCCEEDED);
        assertThat(merge.wrongTensors(folder.toRealPath().resolve(output))).isEmpty();
        return ended;
    }

    @Test
    void theNodeOfTheCoordinatorIsKilled() throws Exception {
        int coordinator = cluster.coordinator();
        int other = ClusterUnderTest.other(coordinator);
        JobResource job = begun(other);
        cluster.node(coordinator).kill();
        Duration away = cluster.awaitAnswer(other);
        System.out.printf("fail-over after kill -9 of the coordinator: %d ms%n", away.toMillis());

        ended(other, job);

        assertThatNoShardWasWrittenTwice(other, job);
        assertThat(cluster.submit(other, recipe(), output, "key-" + output).id())
                .as("the key still names the same job")
                .isEqualTo(job.id());
    }

    /** No shard that had a receipt is written again. */
    private void assertThatNoShardWasWrittenTwice(int node, JobResource job) throws Exception {
        try (RemoteJobs jobs = cluster.client(node)) {
            List<JobNews> news = jobs.log(job.id());
            Set<String> shards = new HashSet<>();
            for (JobNews one : news) {
                if (one.event().equals("ShardReceived")) {
                    String shard = one.message().substring(0, one.message().indexOf(" of "));
                    assertThat(shards.add(shard)).as(one.message()).isTrue();
                }
            }
            assertThat(shards).hasSize(job.progress().tasksTotal());
        }
    }

    @Test
    void aWorkersNodeIsKilled() throws Exception {
        int coordinator = cluster.coordinator();
        JobResource job = begun(coordinator);
        long begun = System.nanoTime();
        cluster.node(ClusterUnderTest.other(coordinator)).kill();

        ended(coordinator, job);
        System.out.printf(
                "ended after kill -9 of a worker: %d ms%n",
                Duration.ofNanos(System.nanoTime() - begun).toMillis());
    }

    @Test
    void aWorkerThatWasStoppedPastItsLeaseIsRefused() throws Exception {
        int coordinator = cluster.coordinator();
        int worker = ClusterUnderTest.other(coordinator);
        JobResource job = begun(coordinator);
        cluster.node(worker).signal("STOP");
        try {
            ended(coordinator, job);
        } finally {
            cluster.node(worker).signal("CONT");
        }
        Path staging = folder.toRealPath().resolve("." + output + ".accrete");
        await().until(() -> !Files.exists(staging));
        assertThat(merge.wrongTensors(folder.toRealPath().resolve(output))).isEmpty();
    }

    @Test
    void theWholeClusterIsKilledAndComesBack() throws Exception {
        JobResource job = begun(1);
        for (int node = 1; node <= ClusterUnderTest.NODES; node++) {
            cluster.node(node).kill();
        }
        for (int node = ClusterUnderTest.NODES; node >= 1; node--) {
            cluster.startNode(node);
        }
        cluster.awaitAnswer(2);

        ended(2, job);
    }

    @Test
    void theFirstSeedThatComesBackAloneFoundsNoSecondCluster() throws Exception {
        cluster.node(1).kill();
        cluster.node(2).signal("STOP");
        cluster.node(3).signal("STOP");
        try {
            cluster.startNode(1);
            assertThat(cluster.node(1).endsWithin(Duration.ofSeconds(12))).isFalse();
            assertThat(cluster.node(1).err()).doesNotContain("ready on");
        } finally {
            cluster.node(2).signal("CONT");
            cluster.node(3).signal("CONT");
        }
        cluster.awaitAnswer(1);
    }

    @Test
    void theJournalGoesAwayAndComesBack() throws Exception {
        JobResource job = begun(2);
        cluster.postgres().pause();
        cluster.postgres().resume();
        Duration back = cluster.awaitAnswer(2);
        System.out.printf("answers %d ms after the journal came back%n", back.toMillis());

        ended(2, job);
    }

    @Test
    void aNodeThatIsAskedToLeaveHandsOver() throws Exception {
        int coordinator = cluster.coordinator();
        int other = ClusterUnderTest.other(coordinator);
        JobResource job = begun(other);
        long begun = System.nanoTime();
        cluster.node(coordinator).signal("TERM");
        cluster.awaitAnswer(other);
        System.out.printf(
                "handed over within %d ms%n",
                Duration.ofNanos(System.nanoTime() - begun).toMillis());

        assertThat(cluster.node(coordinator).endsWithin(ClusterUnderTest.PATIENCE)).isTrue();
        ended(other, job);
    }
}
