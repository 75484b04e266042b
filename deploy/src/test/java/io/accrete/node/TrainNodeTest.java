package io.accrete.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.accrete.oracle.SmallModel;
import io.accrete.oracle.Weights;
import io.accrete.protocol.http.JobDocument;
import io.accrete.protocol.http.JobNews;
import io.accrete.protocol.http.JobResource;
import io.accrete.protocol.job.JobKind;
import io.accrete.protocol.job.JobPhase;
import io.accrete.protocol.job.TrainProgress;
import io.accrete.protocol.job.TrainSummary;
import io.accrete.remote.RemoteJobs.Verb;
import io.accrete.remote.ServerException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Trainings that a node takes over HTTP: the same bits whatever is asked of them on the way. */
class TrainNodeTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @RegisterExtension private final TrainingNode server = new TrainingNode(1);

    private String submit(String out, int steps) throws Exception {
        return submit(out, steps, "");
    }

    private String submit(String out, int steps, String more) throws Exception {
        String job =
                """
                model: base
                sites: [0, 1, 2, 1, 2, 3, 4]
                data: {train: [text.txt], sequence_length: 33}
                batch: {micro_batch: 2, accumulate: 2}
                optimizer: {learning_rate: 0.001}
                steps: %d
                checkpoint: {every: 5, keep: 3}
                pipeline: {stages: 2}
                %s
                """
                        .formatted(steps, more);
        return server.jobs()
                .submit(
                        new JobDocument(JobKind.TRAIN, null, "job.yml", job, out, null),
                        "key-" + out)
                .id();
    }

    private JobResource until(String job, Predicate<JobResource> condition) {
        return await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(10))
                .until(() -> server.jobs().show(job), condition);
    }

    private JobResource ended(String job) {
        return until(job, shown -> shown.state().isTerminal());
    }

    private static int step(JobResource job) {
        return job.training().map(TrainProgress::step).orElse(0);
    }

    private Map<String, String> weights(String out) throws IOException {
        Map<String, String> digests = new TreeMap<>();
        Weights.read(server.root().resolve(out))
                .tensors()
                .forEach((name, t) -> digests.put(name, t.sha256()));
        return digests;
    }

    @Test
    void pausesAndRollbacksChangeNoBit() throws Exception {
        JobResource plain = ended(submit("plain", 40));
        assertThat(plain.state()).as(plain.reason()).isEqualTo(JobPhase.SUCCEEDED);
        assertThat(plain.progress().tasksDone()).isEqualTo(40);

        String job = submit("steered", 40);
        until(job, shown -> step(shown) > 12);
        assertThat(server.jobs().steer(job, Verb.PAUSE).state()).isEqualTo(JobPhase.PAUSED);
        List<Integer> checkpoints =
                server.jobs().show(job).training().map(TrainProgress::checkpoints).orElseThrow();
        assertThat(checkpoints).contains(10);
        assertThatThrownBy(() -> server.jobs().rollBack(job, 7))
                .isInstanceOfSatisfying(
                        ServerException.class,
                        e ->
                                assertThat(e.problem().orElseThrow().detail())
                                        .contains("no checkpoint of step 7"));
        assertThat(server.jobs().rollBack(job, checkpoints.getFirst()).state())
                .isEqualTo(JobPhase.PAUSED);
        assertThat(step(server.jobs().show(job))).isEqualTo(checkpoints.getFirst());
        server.jobs().steer(job, Verb.RESUME);
        until(
                job,
                shown ->
                        shown.training()
                                .filter(training -> training.checkpoints().contains(20))
                                .isPresent());
        server.jobs().rollBack(job, 20);
        JobResource ended = ended(job);
        assertThat(ended.state()).as(ended.reason()).isEqualTo(JobPhase.SUCCEEDED);
        assertThat(ended.result().orElseThrow())
                .isInstanceOfSatisfying(
                        TrainSummary.class,
                        summary -> assertThat(summary.recoveries()).isGreaterThanOrEqualTo(2));
        assertThat(weights("steered")).isEqualTo(weights("plain"));
        assertThat(server.root().resolve("steered/metrics.jsonl")).exists();

        List<String> told = server.jobs().log(job).stream().map(JobNews::event).toList();
        assertThat(told).contains("TrainingPlanned", "CheckpointCommitted", "RolledBack", "Paused");
    }

    @Test
    void aJobThatAsksForItsBaselineIsTwoJobsAndTheBaseIsFirst() throws Exception {
        String job = submit("barred", 4, "baseline: true");
        assertThat(submit("barred", 4, "baseline: true")).as("the same key").isEqualTo(job);
        JobResource grown = ended(job);
        assertThat(grown.state()).as(grown.reason()).isEqualTo(JobPhase.SUCCEEDED);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(server.root().resolve("barred-baseline")).exists());
        assertThat(weights("barred-baseline")).hasSameSizeAs(weights("base"));
        assertThat(weights("barred")).hasSizeGreaterThan(weights("base").size());
    }

    @Test
    void aCancelledTrainingLeavesNothing() throws Exception {
        String job = submit("cancelled", 100_000);
        until(job, shown -> step(shown) > 2);
        server.jobs().steer(job, Verb.CANCEL);
        assertThat(ended(job).state()).isEqualTo(JobPhase.CANCELLED);
        assertThat(server.root().resolve("cancelled")).doesNotExist();
        await().atMost(PATIENCE)
                .untilAsserted(
                        () ->
                                assertThat(server.root().resolve(".cancelled.accrete"))
                                        .doesNotExist());
        // The worker is free for the next one.
        assertThat(ended(submit("next", 3)).state()).isEqualTo(JobPhase.SUCCEEDED);
    }

    @Test
    void whatLiesOutsideOfTheRootsIsNotTrained() throws Exception {
        String job =
                server.jobs()
                        .submit(
                                new JobDocument(
                                        JobKind.TRAIN,
                                        null,
                                        null,
                                        "model: %s\ndata: {train: [text.txt, /etc/passwd]}\n"
                                                .formatted(SmallModel.folder()),
                                        "out",
                                        null),
                                "key")
                        .id();
        JobResource refused = ended(job);
        assertThat(refused.state()).isEqualTo(JobPhase.FAILED);
        assertThat(
                        refused.problems().stream()
                                .map(problem -> problem.message())
                                .collect(Collectors.joining("\n")))
                .contains("was not found in the folders that jobs may use", "passwd");
        assertThat(server.root().resolve(".out.accrete")).doesNotExist();
    }
}
