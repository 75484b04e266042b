package io.accrete.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.protocol.http.JobResource;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * A cluster whose nodes, or whose coordinator and database, lose sight of each other: there are
 * never two coordinators that both write, and the job ends with the same bytes.
 */
@Tag("process")
class NetworkCutTest {
    /** Longer than a statement may take, so that who is cut off gives it up. */
    private static final Duration CUT_MIN = Duration.ofSeconds(11);

    private static final Duration CUT_MAX = Duration.ofSeconds(14);

    @RegisterExtension
    static final SharedCluster SHARED = SharedCluster.of(NetworkCutTest::started);

    private static @Nullable NetworkUnderTest made;

    private static ClusterUnderTest started(Path folder) throws IOException, InterruptedException {
        NetworkUnderTest network = NetworkUnderTest.of(ClusterUnderTest.WORKER);
        made = network;
        return ClusterUnderTest.start(folder, Postgres.start(network.outside()), network.places());
    }

    @AfterEach
    void mend() throws IOException, InterruptedException {
        network().mend();
    }

    @AfterAll
    static void take() throws IOException {
        if (made != null) {
            made.close();
        }
    }

    private static NetworkUnderTest network() {
        return Objects.requireNonNull(made);
    }

    private static ClusterUnderTest cluster() {
        return SHARED.cluster();
    }

    @Test
    void theCoordinatorIsCutOffFromTheOtherNodes() throws Exception {
        int coordinator = cluster().coordinator();
        int asked = SHARED.chance().oneOf(ClusterUnderTest.othersThatServe(coordinator));
        JobResource job = SHARED.begun(asked);

        long begun = System.nanoTime();
        for (int other : ClusterUnderTest.others(coordinator)) {
            network().cut(coordinator, other);
            network().cut(other, coordinator);
        }
        // It sees the database all the time, and still has to end: it has no majority.
        assertThat(cluster().node(coordinator).endsWithin(ClusterUnderTest.RECOVERY))
                .as(cluster().node(coordinator)::transcript)
                .isTrue();
        SharedCluster.measured("a coordinator that was cut off ends", begun, 20);
        cluster().awaitAnswer(asked);
        SharedCluster.measured("another one answers", begun, 20);

        SHARED.ended(asked, job);
        assertThat(cluster().coordinatorSeenFrom(asked)).isNotEqualTo(coordinator);
        assertThat(JobReceipt.again(cluster().log(asked, job.id()))).isEmpty();
        network().mend();
        cluster().mend();
        assertThat(List.of(1, 2, 3).stream().map(NetworkCutTest::coordinatorSeenFrom).distinct())
                .as("one cluster")
                .hasSize(1);
    }

    private static int coordinatorSeenFrom(int node) {
        try {
            return cluster().coordinatorSeenFrom(node);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** Its transaction waits for a lock when it is cut off, and hears of nothing any more. */
    @Test
    void theCoordinatorIsCutOffFromTheDatabaseInMidTransaction() throws Exception {
        int coordinator = cluster().coordinator();
        int asked = SHARED.chance().oneOf(ClusterUnderTest.othersThatServe(coordinator));
        JobResource job = SHARED.begun(asked);

        try (HeldJournal held = HeldJournal.at(cluster().postgres().url())) {
            held.awaitWriter();
            network().cutFromDatabase(coordinator);
        }
        SHARED.chance().pause(CUT_MIN, CUT_MAX);
        network().mend();
        SHARED.goesOn(asked, job, "the coordinator sees the database again");

        SHARED.ended(asked, job);
        assertThat(JobReceipt.again(cluster().log(asked, job.id()))).isEmpty();
    }
}
