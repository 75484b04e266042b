package io.accrete.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.protocol.http.JobDocument;
import io.accrete.protocol.http.JobNews;
import io.accrete.protocol.http.JobResource;
import io.accrete.protocol.job.JobKind;
import io.accrete.protocol.job.JobPhase;
import io.accrete.protocol.job.TrainProgress;
import io.accrete.remote.RemoteJobs;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/** A training on nodes that lose each other: it ends with the bits of an undisturbed one. */
@Tag("process")
class TrainClusterTest {
    @RegisterExtension static final SharedCluster SHARED = SharedCluster.here();

    private static @Nullable TrainUnderTest made;
    private static Map<String, String> weights = Map.of();
    private static List<String> metrics = List.of();

    @BeforeAll
    static void trainUndisturbed() throws IOException, InterruptedException {
        made = TrainUnderTest.in(SHARED.folder());
        AccreteProcess undisturbed = training().start("undisturbed");
        assertThat(undisturbed.exitCode()).as(undisturbed::transcript).isZero();
        weights = training().weights("undisturbed");
        metrics = training().metrics("undisturbed");
    }

    private static TrainUnderTest training() {
        return Objects.requireNonNull(made);
    }

    private static ClusterUnderTest cluster() {
        return SHARED.cluster();
    }

    /** Submitted, and past its first checkpoints. */
    private static JobResource begun() throws Exception {
        int steps = SHARED.chance().between(15, 25);
        JobDocument document =
                new JobDocument(
                        JobKind.TRAIN,
                        null,
                        "job.yml",
                        training().job(),
                        SHARED.outputName(),
                        null);
        JobResource job;
        try (RemoteJobs jobs = cluster().client(1)) {
            job = jobs.submit(document, "key-" + SHARED.outputName());
        }
        return cluster()
                .await(
                        1,
                        job.id(),
                        now -> now.training().map(TrainProgress::step).orElse(0) >= steps);
    }

    /** A node whose worker has stages. */
    private static int holder(String job) throws Exception {
        try (RemoteJobs jobs = cluster().client(1)) {
            String worker = jobs.show(job).running().getFirst().worker();
            return IntStream.rangeClosed(1, ClusterUnderTest.WORKER)
                    .filter(node -> SHARED.isOf(worker, node))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static void assertSame(int node, String job) throws Exception {
        JobResource ended = cluster().await(node, job, now -> now.state().isTerminal());
        assertThat(ended.state()).as(ended.reason()).isEqualTo(JobPhase.SUCCEEDED);
        assertThat(training().weights(SHARED.outputName())).isEqualTo(weights);
        assertThat(training().metrics(SHARED.outputName())).isEqualTo(metrics);
        assertThat(ended.training().orElseThrow().recoveries()).isPositive();
    }

    @Test
    void theNodeThatHoldsTheStagesIsKilled() throws Exception {
        JobResource job = begun();
        int lost = holder(job.id());
        cluster().kill(lost);

        assertSame(ClusterUnderTest.other(lost), job.id());
    }

    @Test
    void theNodeThatHoldsTheStagesIsStoppedPastItsLease() throws Exception {
        JobResource job = begun();
        int stopped = holder(job.id());
        int other = ClusterUnderTest.other(stopped);
        cluster().node(stopped).signal("STOP");
        try {
            assertSame(other, job.id());
        } finally {
            cluster().kill(stopped);
        }
        try (RemoteJobs jobs = cluster().client(other)) {
            assertThat(jobs.log(job.id()).stream().map(JobNews::event).toList())
                    .contains("CheckpointCommitted")
                    .endsWith("Succeeded");
        }
    }

    @Test
    void allNodesAreKilledAndComeBack() throws Exception {
        JobResource job = begun();
        cluster().killAll();
        for (int node = ClusterUnderTest.WORKER; node >= 1; node--) {
            cluster().startNode(node);
        }

        assertSame(2, job.id());
    }
}
