package io.accrete.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.coordinator.drive.DurableFiles;
import io.accrete.protocol.http.JobNews;
import io.accrete.protocol.http.JobResource;
import io.accrete.protocol.job.JobPhase;
import io.accrete.protocol.job.JobView.RunningTask;
import io.accrete.remote.ServerException;

import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * One cluster for all tests of a class, since to start it takes longer than what is done to it;
 * after each test it is mended. Each test has an output and a seeded chance of its own.
 */
final class SharedCluster
        implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback {
    /** In which what was sent before a process was stopped has come to its end. */
    private static final Duration SETTLED = Duration.ofMillis(500);

    /** Where the cluster runs. */
    @FunctionalInterface
    interface Start {
        ClusterUnderTest in(Path folder) throws IOException, InterruptedException;
    }

    /**
     * A worker that was stopped while it had a task.
     *
     * @param node that was stopped
     * @param task that it had
     * @param sinceNanos when it was stopped
     */
    record Caught(int node, RunningTask task, long sinceNanos) {
        /** From 1 on, as in the log. */
        int shard() {
            // model-00012-of-00087.safetensors
            return Integer.parseInt(task.file().split("-", -1)[1]);
        }

        /** Whether it is the task, whoever has it. */
        boolean isOfTask(RunningTask other) {
            return other.file().equals(task.file());
        }

        /** Whether it is the task, and the same worker still has it. */
        boolean isOf(RunningTask other) {
            return isOfTask(other) && other.worker().equals(task.worker());
        }
    }

    private final Start start;
    private @Nullable Path folder;
    private @Nullable ClusterUnderTest cluster;
    private @Nullable MergeUnderTest merge;
    private Chance chance = Chance.of("");
    private String output = "";
    private int tests;

    private SharedCluster(Start start) {
        this.start = start;
    }

    static SharedCluster here() {
        return new SharedCluster(ClusterUnderTest::start);
    }

    static SharedCluster of(Start start) {
        return new SharedCluster(start);
    }

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        System.out.printf("%s: seed %d%n", context.getDisplayName(), Chance.SEED);
        folder = Files.createTempDirectory("accrete-cluster").toRealPath();
        cluster = start.in(folder);
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        String name = context.getRequiredTestMethod().getName() + " " + context.getDisplayName();
        chance = Chance.of(name);
        takeAnotherOutput();
        System.out.println(name + ":");
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        cluster().mend();
    }

    @Override
    public void afterAll(ExtensionContext context) throws Exception {
        if (cluster != null) {
            cluster.close();
        }
        if (folder != null) {
            DurableFiles.deleteTree(folder);
        }
    }

    Path folder() {
        return Objects.requireNonNull(folder);
    }

    ClusterUnderTest cluster() {
        return Objects.requireNonNull(cluster);
    }

    MergeUnderTest merge() throws IOException {
        if (merge == null) {
            merge = MergeUnderTest.in(folder());
        }
        return merge;
    }

    Chance chance() {
        return chance;
    }

    /** Of the test, relative to the root. */
    String outputName() {
        return output;
    }

    void takeAnotherOutput() {
        output = "out-" + ++tests;
    }

    Path output() {
        return folder().resolve(output);
    }

    Path staging() {
        return folder().resolve("." + output + ".accrete");
    }

    /** Says how long something took that is to take no longer than the figure. */
    static void measured(String what, long sinceNanos, int figureSeconds) {
        long millis = Duration.ofNanos(System.nanoTime() - sinceNanos).toMillis();
        System.out.printf("%s: %d ms (figure %d s)%n", what, millis, figureSeconds);
    }

    JobResource submit(int node, MergeUnderTest what)
            throws IOException, ServerException, InterruptedException {
        return cluster().submit(node, what.recipe(), output, "key-" + output);
    }

    /** Submitted through that node, and some of its tasks done. */
    JobResource begun(int node) throws IOException, ServerException, InterruptedException {
        return begun(node, merge());
    }

    JobResource begun(int node, MergeUnderTest what)
            throws IOException, ServerException, InterruptedException {
        int tasks = chance.between(4, 24);
        JobResource job = submit(node, what);
        JobResource begun =
                cluster().await(node, job.id(), now -> now.progress().tasksDone() >= tasks);
        System.out.printf(
                "node %d is asked, %d of %d tasks are done%n",
                node, begun.progress().tasksDone(), begun.progress().tasksTotal());
        return begun;
    }

    /** It ends with the right bytes, and each writer of the journal wrote before the next one. */
    void ended(int node, JobResource job) throws Exception {
        ended(node, job, merge());
    }

    void ended(int node, JobResource job, MergeUnderTest what) throws Exception {
        succeeded(node, job, what, output);
        recovers("the staging folder goes").until(() -> !Files.exists(staging()));
        assertThat(JournalAudit.interleaved(cluster().postgres().url())).isEmpty();
    }

    void succeeded(int node, JobResource job, String where) throws Exception {
        succeeded(node, job, merge(), where);
    }

    private void succeeded(int node, JobResource job, MergeUnderTest what, String where)
            throws Exception {
        JobResource ended = cluster().await(node, job.id(), now -> now.state().isTerminal());
        assertThat(ended.state()).as(ended.reason()).isEqualTo(JobPhase.SUCCEEDED);
        assertThat(what.wrongTensors(folder().resolve(where))).isEmpty();
    }

    /**
     * Until something is journaled of the job that was not, or all has been.
     *
     * @param after what, for the measured time
     */
    void goesOn(int node, JobResource job, String after) throws SQLException {
        long begun = System.nanoTime();
        long before = JournalAudit.events(cluster().postgres().url(), job.id());
        recovers("job goes on")
                .until(
                        () -> cluster().log(node, job.id()),
                        log -> log.size() > before || log.getLast().state().isTerminal());
        measured("job goes on after " + after, begun, 20);
    }

    static ConditionFactory recovers(String what) {
        return Awaitility.await(what)
                .atMost(ClusterUnderTest.RECOVERY)
                .pollInterval(ClusterUnderTest.OFTEN);
    }

    /** Options of a coordinator whose leases end before the cluster gives up who is silent. */
    List<String> shortLease(Duration lease) throws IOException {
        Path settings = folder().resolve("lease.conf");
        Files.writeString(settings, "accrete.coordinator.lease = %ds".formatted(lease.toSeconds()));
        return List.of("--config", settings.toString());
    }

    /** Stops a node while its worker has a task of the job that it has not done. */
    Caught catchAtWork(int node, int asked, JobResource job)
            throws IOException, InterruptedException {
        long end = System.nanoTime() + ClusterUnderTest.PATIENCE.toNanos();
        while (System.nanoTime() - end < 0) {
            cluster().node(node).signal("STOP");
            long since = System.nanoTime();
            chance.pause(SETTLED, SETTLED);
            JobResource now = cluster().show(asked, job.id());
            Optional<RunningTask> task =
                    now.running().stream()
                            .filter(one -> isOf(one.worker(), node))
                            .filter(one -> one.bytesDone() < one.bytesTotal())
                            .findFirst();
            if (task.isPresent()) {
                System.out.printf("node %d is stopped, with %s%n", node, task.get().file());
                return new Caught(node, task.get(), since);
            }
            cluster().node(node).signal("CONT");
            assertThat(now.state().isTerminal()).as("the job ended too early").isFalse();
            chance.pause(SETTLED);
        }
        throw new AssertionError("node %d had no task at all".formatted(node));
    }

    /** Until another worker has the task, or has done it. */
    void awaitGrantedAgain(Caught caught, int asked, JobResource job) {
        recovers(caught + " is granted again")
                .until(
                        () ->
                                cluster().show(asked, job.id()).running().stream()
                                                .filter(caught::isOfTask)
                                                .anyMatch(one -> !caught.isOf(one))
                                        || writer(caught, cluster().log(asked, job.id()))
                                                .isPresent());
    }

    /** Of the shard that was being written when the worker was stopped. */
    static Optional<String> writer(Caught caught, List<JobNews> log) {
        return JobReceipt.in(log).stream()
                .filter(receipt -> receipt.shard() == caught.shard())
                .map(JobReceipt::worker)
                .findFirst();
    }

    boolean isOf(String worker, int node) {
        return worker.startsWith(cluster().clusterAddress(node) + "-");
    }
}
