package io.accrete.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.accrete.protocol.http.JobResource;
import io.accrete.protocol.job.JobPhase;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A cluster whose nodes, or whose coordinator and database, lose sight of each other: there are
 * never two coordinators that both write, and the job ends with the same bytes.
 */
@Tag("process")
class NetworkCutTest {
    @TempDir Path folder;
    private NetworkUnderTest network;
    private MergeUnderTest merge;
    private ClusterUnderTest cluster;

    @BeforeEach
    void start() throws IOException, InterruptedException {
        network = NetworkUnderTest.of(ClusterUnderTest.WORKER);
        merge = MergeUnderTest.in(folder.toRealPath());
        cluster =
                ClusterUnderTest.start(
                        folder.toRealPath(), Postgres.start(network.outside()), network.places());
    }

    @AfterEach
    void stop() throws IOException {
        if (cluster != null) {
            cluster.close();
        }
        if (network != null) {
            network.close();
        }
    }

    @Test
    void theCoordinatorIsCutOffFromTheOtherNodes() throws Exception {
        int coordinator = cluster.coordinator();
        int second = ClusterUnderTest.other(coordinator);
        int third = ClusterUnderTest.other(second);
        JobResource job = begun(second);

        network.cut(coordinator, second);
        network.cut(coordinator, third);
        network.cut(second, coordinator);
        network.cut(third, coordinator);
        // It sees the database all the time, and still has to end: it has no majority.
        assertThat(cluster.node(coordinator).endsWithin(ClusterUnderTest.PATIENCE))
                .as(cluster.node(coordinator)::transcript)
                .isTrue();
        Duration away = cluster.awaitAnswer(second);
        System.out.printf("an answer %d ms after the old coordinator has ended%n", away.toMillis());

        ended(second, job);
        assertThat(cluster.coordinatorSeenFrom(second)).isNotEqualTo(coordinator);
        network.mend(coordinator, second);
        network.mend(coordinator, third);
        network.mend(second, coordinator);
        network.mend(third, coordinator);
        cluster.startNode(coordinator);
        cluster.awaitAnswer(coordinator);
        assertThat(cluster.coordinatorSeenFrom(coordinator))
                .as("one cluster")
                .isEqualTo(cluster.coordinatorSeenFrom(second));
    }

    @Test
    void theCoordinatorIsCutOffFromTheDatabaseInTheMiddleOfItsWork() throws Exception {
        int coordinator = cluster.coordinator();
        int other = ClusterUnderTest.other(coordinator);
        JobResource job = begun(other);

        network.cutFromDatabase(coordinator);
        // Longer than a statement may take, so that its transactions are left open.
        await().pollDelay(Duration.ofSeconds(12))
                .timeout(ClusterUnderTest.PATIENCE)
                .until(() -> true);
        network.mendToDatabase(coordinator);
        Duration back = cluster.awaitAnswer(other);
        System.out.printf("answers %d ms after the database is there again%n", back.toMillis());

        ended(other, job);
    }

    private JobResource begun(int node) throws Exception {
        JobResource job = cluster.submit(node, merge.folder().resolve("recipe.yml"), "out", "key");
        return cluster.await(node, job.id(), now -> now.progress().tasksDone() >= 5);
    }

    private void ended(int node, JobResource job) throws Exception {
        JobResource ended = cluster.await(node, job.id(), now -> now.state().isTerminal());
        assertThat(ended.state()).as(ended.reason()).isEqualTo(JobPhase.SUCCEEDED);
        assertThat(merge.wrongTensors()).isEmpty();
        assertThat(JournalAudit.interleaved(cluster.postgres().url())).isEmpty();
    }
}
