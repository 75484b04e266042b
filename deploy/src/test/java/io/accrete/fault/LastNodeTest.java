package io.accrete.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.accrete.protocol.http.JobResource;
import io.accrete.protocol.job.JobPhase;
import io.accrete.remote.RemoteJobs;
import io.accrete.remote.ServerException;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Two of three nodes are lost for good: the last one steps down, comes back, and goes on alone. */
@Tag("process")
class LastNodeTest {
    private static final int LAST = 1;

    @TempDir private Path folder;

    @Test
    void goesOnAloneWhereNoOtherIsAMemberAtTheJournal() throws Exception {
        Path root = folder.toRealPath();
        MergeUnderTest merge = MergeUnderTest.in(root);
        Path recipe = merge.recipe();
        try (ClusterUnderTest cluster = ClusterUnderTest.startServing(root)) {
            cluster.node(LAST).kill();
            cluster.awaitAnswer(2);
            cluster.startNode(LAST, List.of(AccreteProcess.SUPERVISOR.toString()), List.of());
            awaitMembers(cluster);
            JobResource job = cluster.submit(LAST, recipe, "out", "key");

            cluster.kill(2, 3);
            long begun = System.nanoTime();
            await().atMost(ClusterUnderTest.PATIENCE)
                    .until(() -> cluster.node(LAST).err().contains("starting the node again"));
            JobResource ended = cluster.await(LAST, job.id(), now -> now.state().isTerminal());
            System.out.printf(
                    "the last of three nodes had ended its job alone after %d ms%n",
                    Duration.ofNanos(System.nanoTime() - begun).toMillis());

            assertThat(ended.state()).as(ended.reason()).isEqualTo(JobPhase.SUCCEEDED);
            assertThat(merge.wrongTensors()).isEmpty();
            assertThat(cluster.coordinator()).isEqualTo(LAST);
        }
    }

    private static void awaitMembers(ClusterUnderTest cluster) {
        try (RemoteJobs jobs = cluster.client(LAST)) {
            await().atMost(ClusterUnderTest.PATIENCE)
                    .ignoreExceptionsInstanceOf(ServerException.class)
                    .until(
                            () ->
                                    jobs.cluster().members().stream()
                                            .filter(member -> member.status().equals("up"))
                                            .filter(member -> member.reachable())
                                            .count(),
                            count -> count == ClusterUnderTest.NODES);
        }
    }
}
