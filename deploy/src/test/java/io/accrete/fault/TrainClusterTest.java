package io.accrete.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.protocol.http.JobDocument;
import io.accrete.protocol.http.JobNews;
import io.accrete.protocol.http.JobResource;
import io.accrete.protocol.job.JobKind;
import io.accrete.protocol.job.JobPhase;
import io.accrete.protocol.job.TrainProgress;
import io.accrete.protocol.job.WorkerView;
import io.accrete.remote.RemoteJobs;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** A training on three nodes that lose each other: it ends with the bits of an undisturbed one. */
@Tag("process")
class TrainClusterTest {
    @TempDir private Path folder;
    private TrainUnderTest training;
    private ClusterUnderTest cluster;
    private Map<String, String> weights;
    private List<String> metrics;

    @BeforeEach
    void start() throws IOException, InterruptedException {
        Path root = folder.toRealPath();
        training = TrainUnderTest.in(root);
        AccreteProcess undisturbed = training.start("undisturbed");
        assertThat(undisturbed.exitCode()).as(undisturbed::transcript).isZero();
        weights = training.weights("undisturbed");
        metrics = training.metrics("undisturbed");
        cluster = ClusterUnderTest.start(root);
    }

    @AfterEach
    void stop() throws IOException {
        if (cluster != null) {
            cluster.close();
        }
    }

    /** Submitted, and past its first checkpoints. */
    private JobResource begun() throws Exception {
        JobResource job;
        try (RemoteJobs jobs = cluster.client(1)) {
            job =
                    jobs.submit(
                            new JobDocument(
                                    JobKind.TRAIN, null, "job.yml", training.job(), "out", null),
                            "key");
        }
        return cluster.await(
                1, job.id(), now -> now.training().map(TrainProgress::step).orElse(0) > 16);
    }

    /** The node whose worker has the stages. */
    private int holder(String job) throws Exception {
        try (RemoteJobs jobs = cluster.client(1)) {
            String worker = jobs.show(job).running().getFirst().worker();
            long pid =
                    jobs.workers().stream()
                            .filter(view -> view.worker().equals(worker))
                            .mapToLong(WorkerView::pid)
                            .findFirst()
                            .orElseThrow();
            return IntStream.rangeClosed(1, ClusterUnderTest.NODES)
                    .filter(node -> cluster.node(node).pid() == pid)
                    .findFirst()
                    .orElseThrow();
        }
    }

    private void assertSame(int node, String job) throws Exception {
        JobResource ended = cluster.await(node, job, now -> now.state().isTerminal());
        assertThat(ended.state()).as(ended.reason()).isEqualTo(JobPhase.SUCCEEDED);
        assertThat(training.weights("out")).isEqualTo(weights);
        assertThat(training.metrics("out")).isEqualTo(metrics);
        assertThat(ended.training().orElseThrow().recoveries()).isPositive();
    }

    @Test
    void theNodeThatHoldsTheStagesIsKilled() throws Exception {
        JobResource job = begun();
        int lost = holder(job.id());
        cluster.node(lost).kill();

        assertSame(ClusterUnderTest.other(lost), job.id());
    }

    @Test
    void theNodeThatHoldsTheStagesIsStoppedPastItsLease() throws Exception {
        JobResource job = begun();
        int stopped = holder(job.id());
        int other = ClusterUnderTest.other(stopped);
        cluster.node(stopped).signal("STOP");
        try {
            assertSame(other, job.id());
        } finally {
            cluster.node(stopped).signal("CONT");
        }
        try (RemoteJobs jobs = cluster.client(other)) {
            assertThat(jobs.log(job.id()).stream().map(JobNews::event).toList())
                    .contains("CheckpointCommitted")
                    .endsWith("Succeeded");
        }
    }

    @Test
    void allNodesAreKilledAndComeBack() throws Exception {
        JobResource job = begun();
        for (int node = 1; node <= ClusterUnderTest.NODES; node++) {
            cluster.node(node).kill();
        }
        for (int node = ClusterUnderTest.NODES; node >= 1; node--) {
            cluster.startNode(node);
        }
        cluster.awaitAnswer(2);

        assertSame(2, job.id());
    }
}
