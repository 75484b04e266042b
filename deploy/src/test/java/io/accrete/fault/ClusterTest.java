package io.accrete.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.protocol.http.JobNews;
import io.accrete.protocol.http.JobResource;
import io.accrete.protocol.job.JobPhase;
import io.accrete.remote.RemoteJobs;
import io.accrete.remote.ServerException;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a cluster must survive: killed, stopped and restarted processes, and a journal that goes
 * away. Measured times are printed; only generous deadlines decide.
 */
@Tag("process")
class ClusterTest {
    /** Tasks enough for a worker to be caught at one of them. */
    private static final int MANY = 4;

    /** {@code accrete.coordinator.lease}, and what may pass until it is looked at. */
    private static final Duration LEASE = Duration.ofSeconds(17);

    @RegisterExtension static final SharedCluster SHARED = SharedCluster.here();

    private static ClusterUnderTest cluster() {
        return SHARED.cluster();
    }

    private static int oneOf(List<Integer> nodes) {
        return SHARED.chance().oneOf(nodes);
    }

    /** Watchers see it from a node that lives on, from this one alone, and from this one first. */
    @Test
    void theNodeOfTheCoordinatorIsKilled() throws Exception {
        int coordinator = cluster().coordinator();
        int other = oneOf(ClusterUnderTest.othersThatServe(coordinator));
        MergeUnderTest merge = SHARED.merge().times(MANY);
        JobResource job = paused(other, SHARED.begun(other, merge));
        List<WatchProcess> watchers = new ArrayList<>();
        try (RemoteJobs client = cluster().clients(coordinator)) {
            for (String servers :
                    List.of(
                            cluster().httpAddress(other),
                            cluster().httpAddress(coordinator),
                            cluster().httpAddresses(coordinator))) {
                watchers.add(WatchProcess.start(SHARED.folder(), job.id(), servers));
            }
            int seen = cluster().log(other, job.id()).size();
            watchers.forEach(watcher -> watcher.awaitEvent(seen));
            client.steer(job.id(), RemoteJobs.Verb.RESUME);
            cluster().await(other, job.id(), now -> now.state() == JobPhase.RUNNING);
            SHARED.chance().pause(ClusterUnderTest.OFTEN);

            long begun = System.nanoTime();
            cluster().kill(coordinator);
            awaitAnswer(client, job);
            SharedCluster.measured(
                    "a client's next answer after kill -9 of the coordinator", begun, 20);
            cluster().startNode(coordinator);

            SHARED.ended(other, job, merge);
            List<JobNews> log = cluster().log(other, job.id());
            assertThat(log.stream().filter(news -> news.event().equals("RecoveryStarted")))
                    .as("when it was resumed, and when it was taken over")
                    .hasSize(2);
            assertThat(JobReceipt.again(log)).isEmpty();
            assertThat(JobReceipt.in(log)).hasSize(job.progress().tasksTotal());
            for (WatchProcess watcher : watchers) {
                watcher.assertToldAll(log);
            }
            assertThat(watchers.get(1).err()).contains("the connection is lost; coming back");
        } finally {
            for (WatchProcess watcher : watchers) {
                watcher.kill();
            }
        }
        assertThat(SHARED.submit(other, merge).id())
                .as("the key still names the same job")
                .isEqualTo(job.id());
    }

    private static JobResource paused(int node, JobResource job) throws Exception {
        try (RemoteJobs jobs = cluster().client(node)) {
            jobs.steer(job.id(), RemoteJobs.Verb.PAUSE);
        }
        return cluster().await(node, job.id(), now -> now.state() == JobPhase.PAUSED);
    }

    /** The client was there before, and finds another node by itself. */
    private static void awaitAnswer(RemoteJobs client, JobResource job) {
        SharedCluster.recovers("a client's answer")
                .ignoreExceptionsInstanceOf(ServerException.class)
                .until(() -> client.show(job.id()).id().equals(job.id()));
    }

    @Test
    void aWorkerIsKilledAtATask() throws Exception {
        int coordinator = cluster().coordinator();
        int victim = oneOf(ClusterUnderTest.others(coordinator));
        MergeUnderTest merge = SHARED.merge().times(MANY);
        JobResource job = SHARED.begun(coordinator, merge);
        SharedCluster.Caught caught = SHARED.catchAtWork(victim, coordinator, job);
        cluster().kill(victim);

        SHARED.awaitGrantedAgain(caught, coordinator, job);
        SharedCluster.measured(
                "shard granted again after kill -9 of a worker", caught.sinceNanos(), 15);

        SHARED.ended(coordinator, job, merge);
        assertThat(SharedCluster.writer(caught, cluster().log(coordinator, job.id())))
                .get()
                .matches(worker -> !SHARED.isOf(worker, victim));
    }

    /**
     * The cluster gives it up before its lease of 15 s ends, so that no word of it arrives any
     * more; a word that does is refused in {@link ClusterFaultTest}.
     */
    @Test
    void aWorkerThatWasStoppedPastItsLeaseIsHeardNoMore() throws Exception {
        int coordinator = cluster().coordinator();
        int victim = oneOf(ClusterUnderTest.others(coordinator));
        MergeUnderTest merge = SHARED.merge().times(MANY);
        JobResource job = SHARED.begun(coordinator, merge);
        SharedCluster.Caught caught = SHARED.catchAtWork(victim, coordinator, job);
        int before = receiptsOf(victim, coordinator, job);
        try {
            SHARED.awaitGrantedAgain(caught, coordinator, job);
            SharedCluster.measured(
                    "shard granted again after SIGSTOP of a worker", caught.sinceNanos(), 15);
            SHARED.ended(coordinator, job, merge);
            SharedCluster.recovers("its lease is over")
                    .until(() -> System.nanoTime() - caught.sinceNanos() > LEASE.toNanos());
        } finally {
            cluster().node(victim).signal("CONT");
        }
        assertThat(cluster().node(victim).endsWithin(ClusterUnderTest.RECOVERY)).isTrue();

        assertThat(cluster().node(victim).exitCode()).isEqualTo(7);
        assertThat(receiptsOf(victim, coordinator, job)).isEqualTo(before);
        assertThat(SHARED.staging()).doesNotExist();
        assertThat(merge.wrongTensors(SHARED.output())).isEmpty();
    }

    private static int receiptsOf(int node, int asked, JobResource job) throws Exception {
        return (int)
                JobReceipt.in(cluster().log(asked, job.id())).stream()
                        .filter(receipt -> SHARED.isOf(receipt.worker(), node))
                        .count();
    }

    @Test
    void theWholeClusterIsKilledAtOnceAndComesBack() throws Exception {
        int asked = SHARED.chance().between(1, ClusterUnderTest.NODES);
        JobResource job = SHARED.begun(asked);
        cluster().killAll();
        List<Integer> order = new ArrayList<>(ClusterUnderTest.others(asked));
        order.add(SHARED.chance().between(0, order.size()), asked);
        for (int node : order) {
            cluster().startNode(node);
        }

        SHARED.ended(asked, job);
        assertThat(JobReceipt.again(cluster().log(asked, job.id()))).isEmpty();
    }

    @Test
    void theFirstSeedThatComesBackAloneFoundsNoSecondCluster() throws Exception {
        cluster().kill(1);
        for (int other : ClusterUnderTest.others(1)) {
            cluster().node(other).signal("STOP");
        }
        try {
            cluster().startNode(1);
            assertThat(cluster().node(1).endsWithin(Duration.ofSeconds(12))).isFalse();
            assertThat(cluster().node(1).err()).doesNotContain("ready on");
        } finally {
            for (int other : ClusterUnderTest.others(1)) {
                cluster().node(other).signal("CONT");
            }
        }
        cluster().awaitStarted(1);
    }

    @Test
    void aNodeThatIsAskedToLeaveHandsOver() throws Exception {
        int coordinator = cluster().coordinator();
        int other = oneOf(ClusterUnderTest.othersThatServe(coordinator));
        JobResource job = SHARED.begun(other);
        long begun = System.nanoTime();
        cluster().node(coordinator).signal("TERM");
        // Until then the one that is leaving answers too.
        awaitAnotherCoordinator(other, coordinator);
        cluster().awaitAnswer(other);
        SharedCluster.measured("another coordinator answers after SIGTERM", begun, 1);

        assertThat(cluster().node(coordinator).endsWithin(ClusterUnderTest.PATIENCE)).isTrue();
        SHARED.ended(other, job);
    }

    private static void awaitAnotherCoordinator(int asked, int before) {
        String address = cluster().clusterAddress(before);
        try (RemoteJobs jobs = cluster().client(asked)) {
            SharedCluster.recovers("another coordinator")
                    .ignoreExceptionsInstanceOf(ServerException.class)
                    .until(
                            () -> jobs.cluster().coordinator(),
                            now -> now.isPresent() && !now.equals(Optional.of(address)));
        }
    }
}
